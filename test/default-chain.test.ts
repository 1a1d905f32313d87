import type { CredentialsProvider } from "@effect-alicloud/credentials"
import { Credentials, CredentialsError } from "@effect-alicloud/credentials"
import type { JournalEntry } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Cause, DateTime, Effect, Exit, HashMap, Option } from "effect"
import type { Attempt, Expected } from "./kit/chainCase.ts"
import { folders, load, sources, titleOf } from "./kit/chainCase.ts"
import type { Observed } from "./kit/chainWorld.ts"
import { observe, placeHome, start } from "./kit/chainWorld.ts"
import { assertNothingLeaks } from "./kit/secrecy.ts"

/** `POST sts.AssumeRole sts.aliyuncs.com as LTAI5tExample`. */
const line = ({ accessKeyId, endpoint, host, method }: JournalEntry): string =>
  `${method} ${endpoint} ${host}${accessKeyId === undefined ? "" : ` as ${accessKeyId}`}`

const summary = (error: CredentialsError.SourceError): string =>
  `${error.source}: ${error._tag}${error._tag === "SourceFailed" ? `/${error.reason}` : ""}`

const expectedSummary = (attempt: Attempt): string => {
  if (typeof attempt === "string") return `${attempt}: SourceUnavailable`
  return `${attempt.source}: ${attempt.tag}${attempt.tag === "SourceFailed" ? `/${attempt.reason}` : ""}`
}

const assertAttempts = (
  actual: ReadonlyArray<CredentialsError.SourceError>,
  expected: ReadonlyArray<Attempt>,
  home: string
): void => {
  const all = actual.map((error) => error.message).join("\n")
  assert.deepStrictEqual(actual.map(summary), expected.map(expectedSummary), all)
  for (const [index, attempt] of expected.entries()) {
    const error = actual[index]
    assert.isDefined(error)
    for (const text of typeof attempt === "string" ? [] : attempt.contains) {
      assert.include(error.message, placeHome(text, home))
    }
  }
}

/** `now` when the time that is left, in whole seconds, matters. */
const describeCredentials = (credentials: Credentials.Credentials, now: number | undefined): object => {
  const expiration = Option.getOrUndefined(Credentials.expirationOf(credentials))
  return {
    type: credentials.type,
    providerName: credentials.providerName,
    ...("accessKeyId" in credentials
      ? { accessKeyId: credentials.accessKeyId, hasToken: "securityToken" in credentials }
      : {}),
    ...(now !== undefined && expiration !== undefined
      ? { expiresInSeconds: Math.floor((DateTime.toEpochMillis(expiration) - now) / 1000) }
      : {})
  }
}

/** The report of a chain that asked `asked.length` sources in vain and then, unless it failed, found a winner. */
const assertReport = (
  report: CredentialsProvider.ChainReport,
  asked: ReadonlyArray<CredentialsError.SourceError>,
  won: Credentials.Credentials | undefined
): void => {
  const winner = won === undefined ? undefined : sources[asked.length]
  assert.strictEqual(Option.getOrUndefined(report.winner), winner)
  assert.deepStrictEqual(
    report.outcomes.map((outcome): unknown => outcome),
    sources.map((source, index) => {
      const error = asked[index]
      return error !== undefined
        ? { _tag: "Skipped", source, error }
        : source === winner
        ? { _tag: "Won", source, providerName: won?.providerName }
        : { _tag: "NotAsked", source }
    })
  )
}

const skippedIn = ({ report }: Observed): ReadonlyArray<CredentialsError.SourceError> =>
  report.outcomes.flatMap((outcome) => outcome._tag === "Skipped" ? CredentialsError.attemptsOf(outcome.error) : [])

/** A chain that found credentials warns of every source that was configured and broken, and of no other. */
const assertWarnings = ({ logged }: Observed, skipped: ReadonlyArray<CredentialsError.SourceError>): void => {
  const warned = logged
    .filter(({ annotations, logLevel }) => logLevel._tag === "Warning" && HashMap.has(annotations, "winner"))
    .map(({ annotations }) => Option.getOrUndefined(HashMap.get(annotations, "source")))
  assert.deepStrictEqual(
    warned,
    skipped.filter((error) => !CredentialsError.isAbsent(error)).map(({ source }) => source)
  )
}

const assertOutcome = (observed: Observed, expected: Expected): void => {
  const { end, exit, home, report } = observed
  if ("credentials" in expected) {
    if (Exit.isFailure(exit)) assert.fail(Cause.pretty(exit.cause))
    const skipped = skippedIn(observed)
    assert.deepStrictEqual(
      describeCredentials(exit.value, expected.credentials.expiresInSeconds === undefined ? undefined : end),
      expected.credentials
    )
    assertAttempts(skipped, expected.attempts, home)
    assertReport(report, skipped, exit.value)
    assertWarnings(observed, skipped)
    return
  }
  if (Exit.isSuccess(exit)) assert.fail(`found ${exit.value.providerName}`)
  const error = Option.getOrUndefined(Cause.failureOption(exit.cause))
  if (error === undefined) assert.fail(Cause.pretty(exit.cause))
  assert.strictEqual(error._tag, "NoCredentials")
  const attempts = CredentialsError.attemptsOf(error)
  assertAttempts(attempts, expected.attempts, home)
  assertReport(report, attempts, undefined)
}

describe("default chain", () => {
  it("has a title of its own for every case", () => {
    const titles = folders.map(titleOf)
    assert.isAtLeast(titles.length, 60)
    assert.deepStrictEqual(titles.filter((title, index) => titles.indexOf(title) !== index), [])
    assert.deepStrictEqual(titles.filter((title) => folders.includes(title)), [])
  })

  for (const folder of folders) {
    it.scoped(titleOf(folder), () =>
      Effect.gen(function*() {
        const chainCase = load(folder)
        const observed = yield* observe(chainCase)
        const { expected } = chainCase
        assertOutcome(observed, expected)
        assert.deepStrictEqual(observed.journal.map(line), expected.requests)
        if (expected.withinMillis !== undefined) assert.isAtMost(observed.end - start, expected.withinMillis)
        assertNothingLeaks(chainCase, observed)
      }))
  }
})
