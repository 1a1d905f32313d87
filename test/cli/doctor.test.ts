import type { JournalEntry } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Schema } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Report, type Source } from "../../packages/cli/src/doctor/Report.ts"
import type { Attempt, Case } from "../kit/chainCase.ts"
import { folders, load, marker, sources, titleOf } from "../kit/chainCase.ts"
import { placeHome, start } from "../kit/chainWorld.ts"
import type { Finished } from "./utils/doctorWorld.ts"
import { inCase } from "./utils/doctorWorld.ts"

const names = sources

const decode = Schema.decodeUnknownSync(Schema.parseJson(Report), { onExcessProperty: "error" })

const tagOf = ({ failure, status }: Source): string | undefined => {
  switch (status) {
    case "notConfigured":
    case "switchedOff":
      return "SourceUnavailable"
    case "misconfigured":
      return "InvalidConfig"
    case "failed":
      return `SourceFailed/${failure?.reason}`
    case "won":
    case "notAsked":
      return undefined
  }
}

const expectedTag = (attempt: Attempt): string =>
  typeof attempt === "string"
    ? "SourceUnavailable"
    : attempt.tag === "SourceFailed"
    ? `SourceFailed/${attempt.reason}`
    : attempt.tag

const nameOf = (attempt: Attempt): string => typeof attempt === "string" ? attempt : attempt.source

/** Everything that the errors of the library say, and that is in parts in the report. */
const textOf = ({ failure, hint, reason }: Source): string =>
  [failure?.reason, reason, failure?.status, failure?.code, failure?.requestId, hint].join(" ")

const assertAsked = (asked: ReadonlyArray<Source>, expected: ReadonlyArray<Attempt>, home: string): void => {
  assert.deepStrictEqual(
    asked.map((source) => `${source.source}: ${tagOf(source)}`),
    expected.map((attempt) => `${nameOf(attempt)}: ${expectedTag(attempt)}`)
  )
  for (const [index, attempt] of expected.entries()) {
    const source = asked[index]
    assert.isDefined(source)
    assert.isDefined(source.durationMillis)
    for (const text of typeof attempt === "string" ? [] : attempt.contains) {
      if (!/^[A-Z]\w+ (?:is|failed)/.test(text)) assert.include(textOf(source), placeHome(text, home))
    }
  }
}

/** The keys of a case are seldom those of a user of its cloud: the exit code says whether STS knows them. */
const assertExit = ({ checks, identity }: Report, code: number, err: string): void => {
  const isGood = identity?.verdict === "accepted" || identity?.verdict === "notApplicable"
  assert.strictEqual(code, isGood ? 0 : 1)
  assert.match(err, isGood ? /^$/ : /^alicloud-credentials: .*STS.*\.\n$/)
  assert.lengthOf(checks.filter(({ check }) => check === "identity"), 1)
}

const assertVerdict = ({ expected }: Case, { code, err, home, out }: Finished): void => {
  const report = decode(out)
  assert.deepStrictEqual(report.sources.map(({ source }) => source), names)
  const asked = report.sources.filter(({ status }) => status !== "notAsked" && status !== "won")
  const winner = report.sources.find(({ status }) => status === "won")
  if (!("credentials" in expected)) {
    assert.isFalse(report.resolved)
    assert.isUndefined(report.identity)
    assert.isUndefined(winner)
    assert.strictEqual(code, 1)
    assert.match(err, /^alicloud-credentials: No usable credentials found\.\n$/)
    assertAsked(asked, expected.attempts, home)
    assert.deepStrictEqual(
      report.sources.filter(({ status }) => status === "notAsked").map(({ source }) => source),
      names.slice(asked.length)
    )
    return
  }
  assert.isTrue(report.resolved)
  assertExit(report, code, err)
  assertAsked(asked, expected.attempts, home)
  assert.strictEqual(winner?.source, names[asked.length])
  const { accessKeyId, expiresInSeconds, providerName, type } = expected.credentials
  const { accountId, arn, expiration, identityType, principalId, verdict, ...identity } = report.identity ??
    assert.fail("there is no identity")
  assert.deepStrictEqual(identity, {
    type,
    providerName,
    ...(accessKeyId === undefined ? {} : { accessKeyId })
  })
  for (const text of [accountId, arn, identityType, principalId]) {
    assert.strictEqual(text !== undefined, verdict === "accepted")
  }
  if (expiresInSeconds !== undefined) {
    const end = DateTime.toEpochMillis(DateTime.unsafeMake(expiration ?? ""))
    assert.closeTo((end - start) / 1000, expiresInSeconds, 20)
  }
}

const line = ({ accessKeyId, endpoint, host, method }: JournalEntry): string =>
  `${method} ${endpoint} ${host}${accessKeyId === undefined ? "" : ` as ${accessKeyId}`}`

/** The chain's own requests, and at most one for the time, one for the identity and one to the metadata service that the chain did not ask. */
const assertRequests = ({ env, expected, strict }: Case, { journal }: Finished): void => {
  const isClock = ({ accessKeyId, host, method, path }: JournalEntry): boolean =>
    method === "GET" && host.startsWith("sts") && path === "/" && accessKeyId === undefined
  const isIdentity = ({ endpoint }: JournalEntry): boolean => endpoint === "sts.GetCallerIdentity"
  const own = journal.filter((entry) => !isClock(entry) && !isIdentity(entry)).map(line)
  assert.isAtMost(journal.filter(isClock).length, 1)
  // Once more where the time stamp of the first was refused.
  assert.isAtMost(journal.filter(isIdentity).length, 2)
  const probe = own.at(-1)
  const mayProbe = "credentials" in expected || strict
  if (mayProbe && own.length === expected.requests.length + 1) {
    assert.strictEqual(probe, "PUT imds.token 100.100.100.200")
    assert.notStrictEqual(env["ALIBABA_CLOUD_ECS_METADATA_DISABLED"]?.toLowerCase(), "true")
    own.pop()
  }
  assert.deepStrictEqual(own, expected.requests)
}

const forbidden = [
  new RegExp(marker, "i"),
  /fake-(?:secret|token|imds-token)/,
  /string to sign/i,
  /https?:\/\/[^\s/?#"'\\]+[/?#]/i
]

const assertNothingLeaks = ({ err, out }: Finished): void => {
  for (const text of [out, err]) {
    for (const pattern of forbidden) assert.notMatch(text, pattern)
  }
}

/** What the files of a home directory hold, and which there are. */
const contentOf = (home: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Fs.readdirSync(home, { recursive: true, encoding: "utf8" })
      .filter((name) => Fs.statSync(Path.join(home, name)).isFile())
      .map((name) => [name, Fs.readFileSync(Path.join(home, name), "utf8")] as const)
  )

describe("doctor, in every case of the default chain", () => {
  // Each case runs the whole command twice. Every third one is enough to see that it agrees with the chain.
  for (const folder of folders.filter((_, index) => index % 3 === 0)) {
    it.scoped(
      `gives the chain's verdict where ${titleOf(folder)}`,
      () =>
        Effect.gen(function*() {
          const chainCase = load(folder)
          const strict = chainCase.strict ? ["--strict"] : []
          const json = yield* inCase(chainCase, ["doctor", ...strict, "--format", "json"])
          assertVerdict(chainCase, json)
          assertRequests(chainCase, json)
          assertNothingLeaks(json)
          const table = yield* inCase(chainCase, ["doctor", ...strict])
          assert.strictEqual(table.code, json.code)
          assert.strictEqual(table.err, json.err)
          assertNothingLeaks(table)
          const stray = Object.keys(contentOf(table.home)).filter((name) => !chainCase.files.has(name))
          assert.deepStrictEqual(stray, [])
        })
    )
  }
})
