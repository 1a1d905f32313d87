/** Collects what the scenario prints, where there is no output of a process. */

export interface Collected {
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>
}

const { console } = globalThis as unknown as {
  readonly console: Record<"log" | "error", (...args: Array<unknown>) => void>
}

export const collect = async (run: () => Promise<void>): Promise<Collected> => {
  const out: Array<string> = []
  const err: Array<string> = []
  Object.assign(console, {
    log: (...args: Array<unknown>) => out.push(args.join(" ")),
    error: (...args: Array<unknown>) => err.push(args.join(" "))
  })
  await run()
  return { out, err }
}
