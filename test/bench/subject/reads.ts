import * as AlicloudCredential from "@effect-alicloud/sdk/AlicloudCredential"
import * as Effect from "effect/Effect"
import { nanos } from "../measure.ts"
import { longSession, officialRole, ownRole } from "./clients.ts"

interface Params {
  readonly rounds: number
  /** How many reads of each kind there are in a round. */
  readonly reads: number
}

/** For each kind of read one sample a round: nanoseconds for one read. */
export interface ReadTimes {
  readonly official: Array<number>
  readonly bridge: Array<number>
  readonly generator: Array<number>
  readonly loop: Array<number>
  /** `Effect.succeed` in the place of the read, in the loop: what a fiber costs without us. */
  readonly floor: Array<number>
}

interface Promising {
  readonly getCredential: () => Promise<unknown>
}

const awaited = async (client: Promising, reads: number): Promise<void> => {
  for (let i = 0; i < reads; i++) await client.getCredential()
}

const inGenerator = <A, E>(read: Effect.Effect<A, E>, reads: number): Effect.Effect<void, E> =>
  Effect.gen(function*() {
    for (let i = 0; i < reads; i++) yield* read
  })

const inLoop = <A, E>(read: Effect.Effect<A, E>, reads: number): Effect.Effect<void, E> =>
  Effect.suspend(() => {
    let done = 0
    return Effect.whileLoop({
      while: () => done < reads,
      body: () => read,
      step: () => {
        done++
      }
    })
  })

/** How long a read of a session takes that both clients hold. The kinds take turns. */
export const reads = ({ reads, rounds }: Params): Promise<ReadTimes> =>
  Effect.gen(function*() {
    const client = officialRole(longSession)
    const provider = yield* ownRole(longSession)
    const bridge = yield* AlicloudCredential.make(provider)
    yield* Effect.promise(() => Promise.all([client.getCredential(), bridge.getCredential()]))
    const held = Effect.succeed(yield* provider.get)

    const kinds: Readonly<Record<keyof ReadTimes, () => Promise<void>>> = {
      official: () => awaited(client, reads),
      bridge: () => awaited(bridge, reads),
      generator: () => Effect.runPromise(inGenerator(provider.get, reads) as Effect.Effect<void>),
      loop: () => Effect.runPromise(inLoop(provider.get, reads) as Effect.Effect<void>),
      floor: () => Effect.runPromise(inLoop(held, reads))
    }
    const names = ["generator", "official", "loop", "bridge", "floor"] as const
    const times: ReadTimes = { official: [], bridge: [], generator: [], loop: [], floor: [] }
    for (const name of names) yield* Effect.promise(kinds[name])
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        globalThis.gc?.()
        times[name].push((yield* Effect.promise(() => nanos(kinds[name]))) / reads)
      }
    }
    return times
  }).pipe(Effect.scoped, Effect.runPromise)
