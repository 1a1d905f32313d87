import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Option } from "effect"
import type { Observed } from "../kit/fuzzWorld.ts"
import { networks, observe } from "../kit/fuzzWorld.ts"
import { runs } from "../kit/long.ts"
import { minimal } from "../kit/profileWorld.ts"
import { idMarker, makeCase, makeDice, marker } from "./utils/fuzzFiles.ts"
import type { FuzzCase } from "./utils/fuzzFiles.ts"

const setting = (name: string): number | undefined => {
  const text = process.env[name]
  return text === undefined ? undefined : Number(text)
}

const seed = setting("CONFIG_FUZZ_SEED") ?? 20_260_102
const cases = setting("CONFIG_FUZZ_CASES") ?? runs(500, 700)
/** The one case to run, of those of the seed. */
const only = setting("CONFIG_FUZZ_CASE")

/** Within a batch, cases share the state of a cloud. */
const batchSize = 250

const tags: ReadonlySet<string> = new Set(["InvalidConfig", "NoCredentials", "SourceFailed", "SourceUnavailable"])

const typedError = ({ exit }: Observed) =>
  Exit.isFailure(exit) && exit.cause._tag === "Fail" ? Option.some(exit.cause.error) : Option.none()

/** What is wrong with what came of a case. */
const problemOf = (observed: Observed): string | undefined => {
  const { exit, renderings } = observed
  const forbidden = Exit.isFailure(exit) ? [marker, idMarker] : [marker]
  for (const text of renderings) {
    const found = forbidden.map((word) => text.indexOf(word)).find((at) => at >= 0)
    if (found !== undefined) return `it shows a secret: ${text.slice(Math.max(0, found - 200), found + 40)}`
  }
  if (Exit.isSuccess(exit)) return undefined
  const error = typedError(observed)
  if (Option.isNone(error) || !tags.has(error.value._tag)) return `no typed error: ${Cause.pretty(exit.cause)}`
  const { message } = error.value
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001F\u007F-\u009F\u202E]/.test(message) || message.length > 5000
    ? `its message does not show well: ${JSON.stringify(message.slice(0, 2000))}`
    : undefined
}

const stuck = Effect.async<never>((resume) => {
  const timer = setTimeout(() => resume(Effect.dieMessage("it does not end")), 20_000)
  return Effect.sync(() => clearTimeout(timer))
})

const run = (index: number, network: Effect.Effect.Success<typeof networks>) =>
  Effect.gen(function*() {
    const dice = makeDice(seed * 1_000_003 + index)
    const fuzzCase = makeCase(dice)
    const observed = yield* Effect.flatMap(network(dice, fuzzCase), (client) => observe(dice, fuzzCase, client)).pipe(
      Effect.raceFirst(stuck),
      Effect.catchAllCause((cause): Effect.Effect<Observed> =>
        Effect.succeed({ exit: Exit.die(Cause.squash(cause)), renderings: [] })
      )
    )
    const problem = problemOf(observed)
    if (problem !== undefined) {
      assert.fail(
        `CONFIG_FUZZ_SEED=${seed} CONFIG_FUZZ_CASE=${index}: ${problem}\n` +
          new TextDecoder().decode(fuzzCase.bytes).slice(0, 4000)
      )
    }
    return { fuzzCase, observed }
  })

interface Result {
  readonly fuzzCase: FuzzCase
  readonly observed: Observed
}

const runAll = Effect.gen(function*() {
  const results: Array<Result> = []
  for (let from = 0; from < cases; from += batchSize) {
    const network = yield* Effect.scoped(networks)
    const indices = Array.from({ length: Math.min(batchSize, cases - from) }, (_, index) => from + index)
    results.push(
      ...yield* Effect.forEach(
        indices.filter((index) => only === undefined || index === only),
        (index) => run(index, network),
        { concurrency: 16 }
      )
    )
  }
  return results
})

const count = (results: ReadonlyArray<Result>, accepts: (result: Result) => boolean): number =>
  results.filter(accepts).length

describe("random config files", () => {
  it.live(
    "end in credentials or a typed error, and nothing that is rendered holds a secret",
    () =>
      Effect.gen(function*() {
        const results = yield* runAll
        if (only !== undefined || cases < 5000) return
        for (const mode of Object.keys(minimal)) {
          const found = count(
            results,
            ({ fuzzCase, observed }) => fuzzCase.mode === mode && Exit.isSuccess(observed.exit)
          )
          assert.isAtLeast(found, 20, `credentials in mode ${mode}`)
        }
        for (const tag of ["InvalidConfig", "SourceFailed", "SourceUnavailable"]) {
          const failed = count(
            results,
            ({ observed }) => Option.exists(typedError(observed), (error) => error._tag === tag)
          )
          assert.isAtLeast(failed, 100, tag)
        }
      }),
    120_000
  )

  it("are the same for the same seed", () => {
    const make = (): ReadonlyArray<FuzzCase> => Array.from({ length: 100 }, (_, index) => makeCase(makeDice(index)))
    assert.deepStrictEqual(make(), make())
  })
})
