import * as Arr from "effect/Array"
import * as Order from "effect/Order"

/** What several rounds of one measurement came to. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
}

/** Of an even number of samples the mean of the middle two, of none `NaN`. */
export const median = (samples: ReadonlyArray<number>): number => {
  const ascending = Arr.sort(samples, Order.number)
  const middle = Math.floor(ascending.length / 2)
  const upper = ascending[middle] ?? Number.NaN
  return ascending.length % 2 === 1 ? upper : ((ascending[middle - 1] ?? Number.NaN) + upper) / 2
}

export const spread = (samples: ReadonlyArray<number>): Spread => ({
  median: median(samples),
  min: Math.min(...samples),
  max: Math.max(...samples),
  rounds: samples.length
})

/** The smallest sample that at least so many of 100 do not exceed, of none `NaN`. */
export const percentile = (samples: ReadonlyArray<number>, of100: number): number =>
  Arr.sort(samples, Order.number)[Math.max(0, Math.ceil(samples.length * of100 / 100) - 1)] ?? Number.NaN

/** How many nanoseconds something takes. */
export const nanos = async (run: () => Promise<unknown>): Promise<number> => {
  const start = process.hrtime.bigint()
  await run()
  return Number(process.hrtime.bigint() - start)
}
