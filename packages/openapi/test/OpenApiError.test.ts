import * as CredentialsError from "@effect-alicloud/credentials/CredentialsError"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import * as OpenApiError from "../src/OpenApiError.ts"

const api = (code: string | undefined, status = 400) =>
  new OpenApiError.ApiError({ action: "DescribeRegions", code, status })

const transport = (reason: OpenApiError.TransportReason, retryable: boolean) =>
  new OpenApiError.TransportError({ action: "DescribeRegions", host: "https://ecs.aliyuncs.com", reason, retryable })

const throttled = new OpenApiError.Throttled({
  action: "DescribeRegions",
  code: "Throttling.User",
  status: 400,
  retryAfter: Duration.millis(1500)
})

const malformed = new OpenApiError.MalformedResponse({
  action: "DescribeRegions",
  host: "https://ecs.aliyuncs.com",
  status: 200,
  issues: ["Regions is missing"]
})

const source = (retryable: boolean) =>
  new CredentialsError.SourceFailed({ source: "Test", reason: "Timeout", detail: "no answer", retryable })

const errors: ReadonlyArray<readonly [error: OpenApiError.OpenApiError, retryable: boolean, message: string]> = [
  [throttled, true, "DescribeRegions was called too often (HTTP 400, code Throttling.User). Try again in 1s 500ms."],
  [
    new OpenApiError.Throttled({ action: "DescribeRegions", status: 429 }),
    true,
    "DescribeRegions was called too often (HTTP 429). Call it less often."
  ],
  [api("Forbidden.RAM", 403), false, "DescribeRegions was refused (HTTP 403, code Forbidden.RAM)."],
  [api(undefined, 500), true, "DescribeRegions was refused (HTTP 500)."],
  [api("ServiceUnavailable"), true, "DescribeRegions was refused (HTTP 400, code ServiceUnavailable)."],
  [
    transport("Timeout", true),
    true,
    "DescribeRegions failed: no answer from https://ecs.aliyuncs.com in time."
  ],
  [
    transport("InvalidRequest", false),
    false,
    "DescribeRegions failed: the request to https://ecs.aliyuncs.com cannot be sent."
  ],
  [malformed, false, "The answer of DescribeRegions is not usable (HTTP 200): Regions is missing."],
  [source(true), true, source(true).message],
  [source(false), false, source(false).message]
]

describe("OpenApiError", () => {
  it.each(errors)("says in a sentence what happened: %s", (error, _, message) => {
    assert.strictEqual(error.message, message)
  })

  it.each(errors)("knows whether a later call may succeed: %s", (error, retryable) => {
    assert.strictEqual(OpenApiError.isRetryable(error), retryable)
  })

  it.effect.each(errors)("can be written and read: %s", ([error]) =>
    Effect.gen(function*() {
      const encoded = yield* Schema.encode(OpenApiError.OpenApiError)(error)
      const decoded = yield* Schema.decodeUnknown(OpenApiError.OpenApiError)(JSON.parse(JSON.stringify(encoded)))
      assert.strictEqual(decoded.message, error.message)
      assert.strictEqual(decoded._tag, error._tag)
    }))

  it.each([
    ["InvalidAccessKeyId.NotFound", true],
    ["InvalidAccessKeyId.Inactive", true],
    ["InvalidSecurityToken.Expired", true],
    ["InvalidSecurityToken.Malformed", true],
    ["SecurityTokenExpired", true],
    ["InvalidAccessKeyIdentity", false],
    ["MissingSecurityToken", false],
    ["SignatureDoesNotMatch", false],
    ["NoPermission", false],
    [undefined, false]
  ])("knows whether the credentials were refused: %s", (code, rejected) => {
    assert.strictEqual(OpenApiError.isCredentialsRejected(api(code)), rejected)
  })

  it("is about the credentials only when the service answered", () => {
    for (const error of [throttled, malformed, transport("Timeout", true), source(false)]) {
      assert.isFalse(OpenApiError.isCredentialsRejected(error))
    }
  })
})
