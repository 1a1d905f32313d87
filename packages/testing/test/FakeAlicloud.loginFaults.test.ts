import type { Endpoint, Fault, Request } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { ask } from "./utils/cloud.ts"
import { cloudSso, configuration, exchange, loginWorld, refresh } from "./utils/logins.ts"

/** One endpoint, and how its answers differ from those of the others. */
interface Subject {
  readonly endpoint: Endpoint
  readonly whole: Endpoint
  readonly request: Request
  /** A field of a good answer. */
  readonly field: string
  readonly error: (code: string) => RegExp
  /** How 30 seconds look in the answer. */
  readonly thirtySeconds: RegExp
  readonly expired: RegExp
  /** What it says two hours ahead of time. */
  readonly ahead: readonly [status: number, code: string]
}

const oauthError = (code: string) =>
  new RegExp(`^{"error":"${code}","error_description":".+","request(?:Id|_id)":"FA4E.+"}$`)

const subjects: ReadonlyArray<Subject> = [
  {
    endpoint: "oauth.token",
    whole: "oauth",
    request: refresh("rt-1"),
    field: "access_token",
    error: oauthError,
    thirtySeconds: /"expires_in":30/,
    expired: /"expires_in":-60/,
    ahead: [400, "invalid_grant"]
  },
  {
    endpoint: "oauth.exchange",
    whole: "oauth",
    request: exchange("at-1"),
    field: "securityToken",
    error: oauthError,
    thirtySeconds: /"expiration":"1970-01-01T00:00:30Z"/,
    expired: /"expiration":"1969-12-31T23:59:00Z"/,
    ahead: [401, "expired_token"]
  },
  {
    endpoint: "cloudsso.credentials",
    whole: "cloudsso",
    request: cloudSso("sso-2", configuration("ac-2")),
    field: "SecurityToken",
    error: (code) => new RegExp(`^{"ErrorCode":"${code}","ErrorMessage":".+","RequestId":"FA4E.+"}$`),
    thirtySeconds: /"Expiration":"1970-01-01T00:00:30Z"/,
    expired: /"Expiration":"1969-12-31T23:59:00Z"/,
    ahead: [401, "ExpiredAccessToken"]
  }
]

const world = {
  ...loginWorld,
  oauthLogins: [{
    refreshToken: "rt-1",
    refreshTokenExpiresAt: "1970-01-01T01:00:00Z",
    accessToken: "at-1",
    accessTokenExpiresAt: "1970-01-01T01:00:00Z"
  }]
}

const setFaults = (...faults: ReadonlyArray<Fault>) => Effect.flatMap(FakeAlicloud, (cloud) => cloud.setFaults(faults))

const answer = (request: Request) =>
  Effect.map(ask(request), (outcome) =>
    outcome._tag === "Reply" || outcome._tag === "Truncated"
      ? outcome
      : { _tag: outcome._tag, status: 0, headers: {}, body: "" })

for (const { ahead, endpoint, error, expired, field, request, thirtySeconds, whole } of subjects) {
  describe(`faults at ${endpoint}`, () => {
    const replies: ReadonlyArray<readonly [fault: Fault, status: number, body: RegExp]> = [
      [{ endpoint, kind: "status", status: 503, body: "busy" }, 503, /^busy$/],
      [{ endpoint, kind: "error", status: 500, code: "InternalError" }, 500, error("InternalError")],
      [{ endpoint: whole, kind: "throttle" }, 429, error("Throttling.User")],
      [{ endpoint, kind: "throttle", status: 503, code: "Throttling" }, 503, error("Throttling")],
      [{ endpoint, kind: "malformed" }, 200, /^\{"AccessKeySecret": fake-secret-malformed$/],
      [{ endpoint, kind: "html404" }, 404, /<title>404 - Not Found<\/title>/],
      [{ endpoint, kind: "redirect", location: "http://evil.example/" }, 302, /^$/],
      [{ endpoint: whole, kind: "expired" }, 200, expired],
      [{ endpoint, kind: "expiresInSeconds", seconds: 30 }, 200, thirtySeconds],
      [{ endpoint, kind: "skew", seconds: 7200 }, ahead[0], error(ahead[1])],
      [{ endpoint, kind: "setField", field, value: 7 }, 200, new RegExp(`"${field}":7`)],
      [{ endpoint, kind: "dropField", field }, 200, new RegExp(`^(?!.*"${field}")`)],
      [{ endpoint, kind: "huge", bytes: 9000 }, 200, new RegExp(`"${field}".*"Padding":"x{9000}"`)]
    ]

    for (const [fault, status, body] of replies) {
      it.effect(`answers as told: ${JSON.stringify(fault)}`, () =>
        Effect.gen(function*() {
          yield* setFaults(fault)
          const reply = yield* answer(request)
          assert.strictEqual(reply._tag, "Reply")
          assert.strictEqual(reply.status, status)
          assert.match(reply.body, body)
        }).pipe(Effect.provide(layer(world))))
    }

    const endings: ReadonlyArray<
      readonly [kind: "hang" | "refuse" | "disconnect" | "truncate" | "stall", tag: string]
    > = [
      ["hang", "Hang"],
      ["refuse", "Refused"],
      ["disconnect", "Disconnected"],
      ["truncate", "Truncated"],
      ["stall", "Truncated"]
    ]

    for (const [kind, tag] of endings) {
      it.effect(`does not answer as told: ${kind}`, () =>
        Effect.gen(function*() {
          yield* setFaults({ endpoint, kind })
          assert.strictEqual((yield* answer(request))._tag, tag)
        }).pipe(Effect.provide(layer(world))))
    }

    it.effect("answers later by the clock", () =>
      Effect.gen(function*() {
        yield* setFaults({ endpoint, kind: "latency", millis: 500 })
        const fiber = yield* Effect.fork(answer(request))
        yield* TestClock.adjust("499 millis")
        assert.isTrue((yield* Fiber.poll(fiber))._tag === "None")
        yield* TestClock.adjust("1 millis")
        assert.strictEqual((yield* Fiber.join(fiber)).status, 200)
      }).pipe(Effect.provide(layer(world))))

    it.effect("leaves the other endpoints alone", () =>
      Effect.gen(function*() {
        yield* setFaults({ endpoint, kind: "refuse" })
        for (const other of subjects.filter((subject) => subject.endpoint !== endpoint)) {
          assert.strictEqual((yield* answer(other.request)).status, 200)
        }
      }).pipe(Effect.provide(layer(world))))
  })
}

describe("journal of logins", () => {
  it.effect("records requests and outcomes, without a token or secret", () =>
    Effect.gen(function*() {
      for (const { request } of subjects) yield* ask(request)
      yield* ask(refresh("rt-1"))
      yield* ask(cloudSso("sso-x", {}))
      yield* ask({ ...exchange("at-1"), url: "https://oauth.alibabacloud.com/" })
      const { count, journal } = yield* FakeAlicloud
      const entries = yield* journal
      assert.deepStrictEqual(entries.map(({ code, endpoint, status }) => [endpoint, status, code]), [
        ["oauth.token", 200, undefined],
        ["oauth.exchange", 200, undefined],
        ["cloudsso.credentials", 200, undefined],
        ["oauth.token", 400, "invalid_grant"],
        ["cloudsso.credentials", 401, "InvalidAccessToken"],
        ["oauth", 404, "not_found"]
      ])
      assert.notMatch(JSON.stringify(entries), /rt-1|at-1|sso-[x2]|fake-oauth/)
      assert.strictEqual(yield* count("oauth"), 4)
      assert.strictEqual(yield* count("oauth.token"), 2)
      assert.strictEqual(yield* count("cloudsso"), 2)
    }).pipe(Effect.provide(layer(world))))
})
