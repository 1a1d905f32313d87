import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, FastCheck as fc, Schema } from "effect"
import {
  atFile,
  atOptions,
  attemptsOf,
  atVariables,
  CredentialsError,
  InvalidConfig,
  isAbsent,
  isRetryable,
  Location,
  NoCredentials,
  renderLocation,
  SourceFailed,
  SourceUnavailable
} from "../src/CredentialsError.ts"

const unavailable = new SourceUnavailable({
  source: "Environment",
  detail: "ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
  hint: "Set it."
})

const invalid = new InvalidConfig({
  source: "RamRoleArn",
  location: { _tag: "Options", names: [] },
  issues: [
    { field: "roleArn", problem: "is missing" },
    { field: "policy", problem: "must be a string, not null" }
  ]
})

const failed = new SourceFailed({
  source: "OidcRoleArn",
  reason: "Denied",
  detail: "AssumeRoleWithOIDC was refused",
  status: 401,
  code: "AuthenticationFail.NoPermission",
  requestId: "7463B73D-0000",
  hint: "The role's trust policy does not allow it.",
  retryable: false
})

const timeout = new SourceFailed({
  source: "OidcRoleArn",
  reason: "Timeout",
  detail: "no answer from https://sts.aliyuncs.com within 15s",
  retryable: true
})

const none = new NoCredentials({ attempts: [unavailable, invalid, failed] })

const all = [unavailable, invalid, failed, timeout, none]

describe("messages", () => {
  it("say what is missing, where it is wrong, and what to do", () => {
    assert.strictEqual(
      unavailable.message,
      "Environment is not configured: ALIBABA_CLOUD_ACCESS_KEY_ID is not set. Set it."
    )
    assert.strictEqual(
      invalid.message,
      "RamRoleArn is misconfigured in its options: roleArn is missing; policy must be a string, not null."
    )
    assert.strictEqual(
      failed.message,
      "OidcRoleArn failed, Denied: AssumeRoleWithOIDC was refused (HTTP 401, code AuthenticationFail.NoPermission, " +
        "request id 7463B73D-0000). The role's trust policy does not allow it."
    )
    assert.strictEqual(
      timeout.message,
      "OidcRoleArn failed, Timeout: no answer from https://sts.aliyuncs.com within 15s."
    )
  })

  it("end with one full stop", () => {
    const unset = new SourceUnavailable({ source: "S", detail: "Nothing here!", hint: "" })
    assert.strictEqual(unset.message, "S is not configured: Nothing here!")
    const detail = new SourceFailed({ source: "S", reason: "File", detail: "it is gone.", retryable: true })
    assert.strictEqual(detail.message, "S failed, File: it is gone.")
  })

  it("of a chain have one entry per source, in order", () => {
    assert.strictEqual(
      none.message,
      `No credentials. Asked, in this order:\n  - ${unavailable.message}\n  - ${invalid.message}\n  - ${failed.message}`
    )
    assert.strictEqual(new NoCredentials({ attempts: [] }).message, "No credentials: the chain has no source.")
  })

  it("are what an error prints", () => {
    for (const error of all) {
      assert.include(String(error), error.message)
    }
  })
})

describe("a location", () => {
  it("shows nothing that a terminal obeys, wherever it came from", () => {
    const odd = "a\u001b[31mb\u009b2Jc\r\nd\u202ee\u0000"
    const shown = "a\\u{1b}[31mb\\u{9b}2Jc\\u{d}\\u{a}d\\u{202e}e\\u{0}"
    assert.strictEqual(renderLocation(atOptions(odd)), `option ${shown}`)
    assert.strictEqual(renderLocation({ _tag: "Options", names: [], of: odd }), `the options of ${shown}`)
    assert.strictEqual(renderLocation(atVariables(odd)), shown)
    assert.strictEqual(
      renderLocation(atFile(odd, { line: 3, profile: odd, section: odd, fields: [odd] })),
      `${shown}, line 3 profile ${shown} section ${shown} (${shown})`
    )
    fc.assert(fc.property(Arbitrary.make(Location), (location) => {
      assert.notMatch(renderLocation(location), /[\p{C}\p{Zl}\p{Zp}]/u)
    }))
  })

  it("that is ready to be shown stays as it is", () => {
    const location = atFile("/home/zoë/.aliyun/config.json", { profile: "\"a\\u{1b}\"" })
    assert.strictEqual(renderLocation(location), "/home/zoë/.aliyun/config.json profile \"a\\u{1b}\"")
  })
})

describe("guards and accessors", () => {
  it("absent means not configured, for a chain that every source is not", () => {
    assert.deepStrictEqual(all.map(isAbsent), [true, false, false, false, false])
    assert.isTrue(isAbsent(new NoCredentials({ attempts: [unavailable, unavailable] })))
    assert.isTrue(isAbsent(new NoCredentials({ attempts: [] })))
  })

  it("retryable means that asking again may help, for a chain that one source may", () => {
    assert.deepStrictEqual(all.map(isRetryable), [false, false, false, true, false])
    assert.isTrue(isRetryable(new NoCredentials({ attempts: [unavailable, timeout] })))
  })

  it("attempts are the chain's, or the error itself", () => {
    assert.deepStrictEqual(attemptsOf(none), none.attempts)
    assert.deepStrictEqual(attemptsOf(failed), [failed])
  })
})

describe("encoding", () => {
  it.effect("every error survives a trip through JSON", () =>
    Effect.gen(function*() {
      for (const error of all) {
        const text = JSON.stringify(yield* Schema.encode(CredentialsError)(error))
        const back = yield* Schema.decodeUnknown(CredentialsError)(JSON.parse(text))
        assert.strictEqual(back._tag, error._tag)
        assert.strictEqual(back.message, error.message)
      }
    }))

  it("no number in an error is one that JSON does not have", () => {
    const file = { _tag: "File", path: "config.json" } as const
    for (const number of [Infinity, -Infinity, NaN]) {
      assert.throws(() => new InvalidConfig({ source: "X", location: { ...file, line: number }, issues: [] }))
      assert.throws(() => new InvalidConfig({ source: "X", location: { ...file, column: number }, issues: [] }))
      assert.throws(() => new SourceFailed({ ...failed, status: number }))
    }
  })

  it("every location survives a trip through JSON, in an error and as what chose its source", () => {
    fc.assert(fc.property(Arbitrary.make(InvalidConfig), (error) => {
      const text = JSON.stringify(Schema.encodeSync(CredentialsError)(error))
      const back = Schema.decodeUnknownSync(CredentialsError)(JSON.parse(text))
      assert.deepStrictEqual(back, error)
      assert.strictEqual(back.message, error.message)
    }))
  })

  it.effect("errors can be yielded and caught by their tag", () =>
    Effect.gen(function*() {
      const caught = yield* Effect.fail(failed as CredentialsError).pipe(
        Effect.catchTag("SourceFailed", (error) => Effect.succeed(error.code))
      )
      assert.strictEqual(caught, "AuthenticationFail.NoPermission")
    }))
})
