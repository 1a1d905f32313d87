import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as Fake from "@effect-alicloud/testing/FakeAlicloud"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { ManualClock } from "../../kit/manualClock.ts"
import { makeManualClock, settle } from "../../kit/manualClock.ts"
import * as realWork from "../../kit/realWork.ts"
import type { Side } from "./clients.ts"
import { officialRoleThrough, quiet } from "./clients.ts"
import { inMemory } from "./inMemory.ts"
import { key, roleArn, world } from "./world.ts"

/** A client with a cloud in memory, both in a time of their own. */
export interface Stage {
  readonly clock: ManualClock
  readonly cloud: Context.Tag.Service<FakeAlicloud>
  /** The id of a session's key; nothing when there is an error. */
  readonly read: () => Promise<string | undefined>
  /** Whether there is work that real time goes by with. */
  readonly isBusy: () => boolean
}

const ours = (
  clock: ManualClock,
  seed: number,
  seconds: number
): Effect.Effect<Stage, Fake.InvalidWorld, Scope.Scope> =>
  Effect.gen(function*() {
    const work = realWork.make(world)
    const layer = RamRoleArn.layer({ roleArn: roleArn("bench"), roleSessionExpiration: seconds }).pipe(
      Layer.provide(AccessKey.layer({ ...key, accessKeySecret: Redacted.make(key.accessKeySecret) })),
      Layer.provideMerge(work.layer),
      Layer.provide(quiet)
    )
    const context = yield* Effect.orDie(Layer.build(layer))
    const { get } = Context.get(context, CredentialsProvider.CredentialsProvider)
    const read = Effect.match(get, {
      onFailure: () => undefined,
      onSuccess: (credentials) => credentials._tag === "Sts" ? credentials.accessKeyId : undefined
    })
    return {
      clock,
      cloud: Context.get(context, FakeAlicloud),
      read: () => Effect.runPromise(Effect.withClock(read, clock)),
      isBusy: work.isBusy
    }
  }).pipe(Effect.withRandom(Random.make(seed)), Effect.withClock(clock))

/** Numbers between 0 and 1 that are the same for the same seed. */
const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

/** The official client asks the system for the time and for random numbers: it is given others here. */
const official = (
  clock: ManualClock,
  seed: number,
  seconds: number
): Effect.Effect<Stage, Fake.InvalidWorld, Scope.Scope> =>
  Effect.gen(function*() {
    const { Date: RealDate } = globalThis
    const { random } = Math
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        globalThis.Date = new Proxy(RealDate, {
          construct: (target, args) =>
            Reflect.construct(target, args.length === 0 ? [clock.unsafeCurrentTimeMillis()] : args),
          get: (target, name) => name === "now" ? () => clock.unsafeCurrentTimeMillis() : Reflect.get(target, name)
        })
        Math.random = seeded(seed)
      }),
      () =>
        Effect.sync(() => {
          globalThis.Date = RealDate
          Math.random = random
        })
    )
    const cloud = yield* Fake.make(world)
    const send = inMemory(cloud, (effect) => Effect.runPromise(Effect.withClock(effect, clock)))
    const client = officialRoleThrough(() => send, seconds)
    return {
      clock,
      cloud,
      read: () => client.getCredential().then(({ accessKeyId }) => accessKeyId, () => undefined),
      isBusy: () => false
    }
  })

/** Reads, waits for the answer, and pauses: again and again, until it is told to stop. */
export const readEvery = async (
  pauseMillis: number,
  { clock, isBusy, read }: Stage,
  goesOn: (id: string | undefined, at: number) => boolean
): Promise<void> => {
  const advance = (millis: number) => Effect.runPromise(clock.advance(millis))
  const rest = async (): Promise<void> => {
    do await Effect.runPromise(settle)
    while (isBusy())
  }
  const readOnce = async (): Promise<string | undefined> => {
    let answered = false
    const reading = read().finally(() => {
      answered = true
    })
    await rest()
    while (!answered) {
      await advance(100)
      await rest()
    }
    return reading
  }
  while (goesOn(await readOnce(), clock.unsafeCurrentTimeMillis())) {
    await advance(pauseMillis)
    await rest()
  }
}

/** A client that has no session yet, on the second day of 2026. */
export const make = (
  side: Side,
  options: { readonly seed: number; readonly seconds: number }
): Effect.Effect<Stage, Fake.InvalidWorld, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = makeManualClock()
    yield* clock.advance(Date.UTC(2026, 0, 2))
    return yield* (side === "official" ? official : ours)(clock, options.seed, options.seconds)
  })
