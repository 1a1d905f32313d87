/**
 * Nothing that the library makes shows a secret, however it is rendered. What is rendered is in `subjects/`, how in
 * `renderings.ts` and `telemetry.ts`. `LEAKS_SEED` chooses other secrets; `LEAKS_VERBOSE` prints the number of cases.
 *
 * Not covered, because it is meant:
 * - what `renderings.ts` names: reading secrets on purpose, `Schema.encode` of credentials
 * - `Schema.decodeUnknown` of exported schemas, whose errors quote their input: `SecretJson` is the door for documents
 * - `Signature.rpcStringToSign`, and `canonicalRequest` of a signature: they are what is signed, tokens included
 * - names: a profile, section or option that is named after a secret, the host of a URL, a file's path, the program of
 *   a command; modes, codes and request ids that look like some (short, without digits, hex digits)
 * - options that users hold themselves: an object with a plain text secret in it shows what its owner put there
 * - `InvalidWorld` of the testing kit: the secrets of a fake cloud open nothing
 * - the inside of a fiber that runs, and errors of a client of somebody else as its own spans end with them
 */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Cause, Effect, Metric, Redacted } from "effect"
import * as renderings from "../kit/renderings.ts"
import type { Secret } from "./generator.ts"
import { findIn, secrets } from "./generator.ts"
import type { Group, Subject } from "./subject.ts"
import { groups } from "./subjects/index.ts"
import * as telemetry from "./telemetry.ts"

const seed = Number(process.env["LEAKS_SEED"] ?? 20_260_101)

const shapes = secrets(seed)

/** Secrets of every fifth shape, in each group of other ones, and of each shape when a seed is given. */
const each = process.env["LEAKS_SEED"] !== undefined ? 1 : 5

const plantedIn = (group: Group): ReadonlyArray<Secret> =>
  shapes.filter((_, index) => (index + groups.indexOf(group)) % each === 0)

const names = [...renderings.names, ...telemetry.names]

const renderingsOf = (value: unknown): ReadonlyMap<string, string> =>
  new Map([...renderings.renderingsOf(value), ...telemetry.renderingsOf(value)])

/** Of how many cases all groups consist at least, together. */
const leastCases = 10_000

interface Found {
  readonly cases: number
  readonly leaks: ReadonlyArray<string>
}

const search = (secret: Secret, { deliberate = [], name, value }: Subject): Found => {
  const texts = Array.from(renderingsOf(value)).filter(([rendering]) => !deliberate.includes(rendering))
  const leaks = texts.flatMap(([rendering, text]) => {
    const excerpt = findIn(text, secret)
    return excerpt === undefined ? [] : [{ rendering, excerpt }]
  })
  const [first] = leaks
  const where = leaks.map(({ rendering }) => rendering).join(", ")
  return {
    cases: texts.length,
    leaks: first === undefined ? [] : [`${name}, ${secret.shape} in ${where}: ${first.excerpt}`]
  }
}

const run = (group: Group): Effect.Effect<Found, unknown> =>
  Effect.gen(function*() {
    let cases = 0
    const planted = plantedIn(group)
    const leaks: Array<string> = []
    for (const secret of planted) {
      const subjects = yield* Effect.scoped(group.subjects(secret))
      for (const subject of subjects) {
        const found = search(secret, subject)
        cases += found.cases
        leaks.push(...found.leaks)
      }
    }
    const labels = yield* telemetry.metrics
    leaks.push(...planted.flatMap((secret) => findIn(labels, secret) ?? []))
    return { cases, leaks }
  })

describe(`secrets (seed ${seed})`, () => {
  for (const group of groups) {
    it.live(`do not show: ${group.name}`, () =>
      Effect.gen(function*() {
        const { cases, leaks } = yield* run(group)
        if (process.env["LEAKS_VERBOSE"]) yield* Effect.sync(() => process.stderr.write(`${group.name}: ${cases}\n`))
        assert.deepStrictEqual(leaks, [], `LEAKS_SEED=${seed}`)
        assert.isAtLeast(cases * each, group.least)
        assert.isAbove(cases, 0)
      }), 300_000)
  }

  it("are searched for in more than ten thousand renderings", () => {
    assert.isAbove(Arr.reduce(groups, 0, (sum, { least }) => sum + least), leastCases)
    assert.strictEqual(new Set(groups.map(({ name }) => name)).size, groups.length)
  })
})

/** What the library must not do, in every way at once. */
class Leaking extends Error {
  override readonly name = "Leaking"
  readonly token: string
  readonly headers: Readonly<Record<string, string>>
  constructor(secret: string) {
    super(`refused ${secret}`, { cause: new Error(secret) })
    this.token = secret
    this.headers = { authorization: secret }
  }
}

describe("the search", () => {
  const controls = secrets(seed + 1)

  it("finds what shows, in every rendering", () => {
    for (const secret of controls) {
      const leaking = new Leaking(secret.text)
      const rendered = [leaking, Cause.fail(leaking)].map(renderingsOf)
      for (const name of names) {
        const found = rendered.some((texts) => findIn(texts.get(name) ?? "", secret) !== undefined)
        assert.isTrue(found, `${name}, ${secret.shape}`)
      }
    }
  })

  it.effect("finds what shows in metrics", () =>
    Effect.gen(function*() {
      const [secret] = secrets(seed + 2)
      assert.isDefined(secret)
      yield* Metric.increment(Metric.tagged(Metric.counter("leaking"), "source", secret.text))
      assert.isDefined(findIn(yield* telemetry.metrics, secret))
    }))

  it("finds parts of a secret, and other ways to write it", () => {
    for (const secret of controls) {
      const { text } = secret
      const forms = [
        text.slice(0, 9),
        text.toUpperCase(),
        encodeURIComponent(encodeURIComponent(text)),
        JSON.stringify(JSON.stringify(text)),
        Buffer.from(`user:${text}`).toString("base64"),
        Buffer.from(text).toString("base64url"),
        Buffer.from(text).toString("hex"),
        Array.from(Buffer.from(text)).join(","),
        `'${text.replaceAll("'", "'\\''")}'`,
        JSON.stringify({ SecurityToken: "fake-token-0001" })
      ]
      for (const form of forms) assert.isDefined(findIn(`before ${form} after`, secret), form)
      assert.isUndefined(findIn(`before ${Redacted.make(text)} after`, secret))
    }
  })
})
