/** What comes back from a service and is not what the protocol says: an error with a type, and nothing is kept. */
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import type { FailureReason } from "@effect-alicloud/credentials/CredentialsError"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import type { Fault } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Option, TestClock } from "effect"
import { cloud, drive, setFaults } from "../kit/cloud.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { build, getOf } from "../kit/world.ts"
import { oidcRoleArn, ramRoleArn, rsaKeyPair, type Service, services } from "./utils/services.ts"

const asked = ({ endpoint }: Service) => Effect.flatMap(FakeAlicloud, (fake) => fake.count(endpoint))

type Case = readonly [
  title: string,
  fault: (service: Service) => Fault,
  reason: FailureReason,
  message: (service: Service) => RegExp,
  isTriedAgain?: boolean
]

const setField = (field: (service: Service) => string, value: unknown) => (service: Service): Fault => ({
  endpoint: service.endpoint,
  kind: "setField",
  field: field(service),
  value
})

const id = (service: Service) => service.id
const secret = (service: Service) => service.secret
const expiration = () => "Expiration"

const cases: ReadonlyArray<Case> = [
  [
    "no JSON",
    ({ endpoint }) => ({ endpoint, kind: "malformed", body: "{\"AccessKeySecret\":\"s3cr3t" }),
    "Malformed",
    () => /not valid JSON/
  ],
  [
    "nothing at all",
    ({ endpoint }) => ({ endpoint, kind: "status", status: 200, body: "" }),
    "Malformed",
    () => /not valid JSON/
  ],
  [
    "null",
    ({ endpoint }) => ({ endpoint, kind: "malformed", body: "null" }),
    "Malformed",
    () => /must be an object, not null/
  ],
  [
    "an array",
    ({ endpoint }) => ({ endpoint, kind: "malformed", body: "[\"s3cr3t\"]" }),
    "Malformed",
    () => /must be an object, not array/
  ],
  [
    "a bare secret",
    ({ endpoint }) => ({ endpoint, kind: "malformed", body: "\"s3cr3t\"" }),
    "Malformed",
    () => /must be an object, not string/
  ],
  ["an empty object", ({ endpoint }) => ({ endpoint, kind: "malformed", body: "{}" }), "Malformed", () => /is missing/],
  [
    "a page",
    ({ endpoint }) => ({
      endpoint,
      kind: "status",
      status: 200,
      body: "<html>s3cr3t</html>",
      contentType: "text/html"
    }),
    "Malformed",
    () => /not valid JSON/
  ],
  [
    "a session without an id",
    (service) => ({ endpoint: service.endpoint, kind: "dropField", field: service.id }),
    "Malformed",
    ({ id }) => new RegExp(`${id} is missing`)
  ],
  [
    "a session without a secret",
    (service) => ({ endpoint: service.endpoint, kind: "dropField", field: service.secret }),
    "Malformed",
    ({ secret }) => new RegExp(`${secret} is missing`)
  ],
  ["an empty id", setField(id, ""), "Malformed", ({ id }) => new RegExp(`${id} must be a non empty string`)],
  ["an id that is null", setField(id, null), "Malformed", ({ id }) => new RegExp(`${id} must be a string, not null`)],
  [
    "an empty secret",
    setField(secret, ""),
    "Malformed",
    ({ secret }) => new RegExp(`${secret} must be a non empty string`)
  ],
  [
    "a secret that is a number",
    setField(secret, 7),
    "Malformed",
    ({ secret }) => new RegExp(`${secret} must be a string, not number`)
  ],
  [
    "a secret that is an array",
    setField(secret, ["s3cr3t"]),
    "Malformed",
    ({ secret }) => new RegExp(`${secret} must be a string, not array`)
  ],
  [
    "a secret that is an object",
    setField(secret, { s3cr3t: "s3cr3t" }),
    "Malformed",
    ({ secret }) => new RegExp(`${secret} must be a string, not object`)
  ],
  [
    "a secret as the time of its end",
    setField(expiration, "s3cr3t"),
    "Malformed",
    () => /Expiration must be a time such as/
  ],
  ["no time of its end", setField(expiration, ""), "Malformed", () => /Expiration must be a time such as/],
  [
    "null as the time of its end",
    setField(expiration, null),
    "Malformed",
    () => /Expiration must be a string, not null/
  ],
  [
    "a number as the time of its end",
    setField(expiration, 1767355200),
    "Malformed",
    () => /Expiration must be a string, not number/
  ],
  [
    "an answer that is huge",
    ({ endpoint }) => ({ endpoint, kind: "huge", bytes: 1024 * 1024 }),
    "Malformed",
    () => /larger than 1 MiB/
  ],
  [
    "a session that has ended",
    ({ endpoint }) => ({ endpoint, kind: "expired" }),
    "Expired",
    () => /had already expired.*clock/
  ],
  [
    "an answer that breaks off",
    ({ endpoint }) => ({ endpoint, kind: "truncate" }),
    "Transport",
    () => /no connection to/,
    true
  ],
  [
    "a server that is broken",
    ({ endpoint }) => ({ endpoint, kind: "status", status: 500, body: "s3cr3t" }),
    "BadStatus",
    () => /HTTP 500/,
    true
  ],
  [
    "a redirect",
    ({ endpoint }) => ({ endpoint, kind: "redirect", location: "https://s3cr3t.example.com/" }),
    "BadStatus",
    () => /HTTP 302/
  ]
]

/** Answers that a repetition would not change. */
const isFinal: ReadonlySet<string> = new Set(["a session that has ended", "a redirect"])

for (const service of services) {
  describe(`${service.name} answered with`, () => {
    for (const [title, fault, reason, message, isTriedAgain] of cases) {
      it.scoped(title, () =>
        Effect.gen(function*() {
          yield* setFaults(fault(service))
          const provider = yield* build(service.layer)
          const error = yield* errorOf(drive(provider.get))
          assert.strictEqual(error._tag, "SourceFailed")
          assert.strictEqual(error._tag === "SourceFailed" && error.reason, reason)
          assert.match(error.message, message(service))
          const attempts = isTriedAgain === true ? service.attempts : isFinal.has(title) ? 1 : service.readings
          assert.strictEqual(yield* asked(service), attempts)
          assert.isUndefined(provider.unsafeCurrent())
          assertNoLeak(yield* provider.report)
          yield* setFaults()
          yield* drive(provider.get)
          assert.strictEqual(yield* asked(service), attempts + 1)
        }).pipe(Effect.provide(cloud().layer)))
    }

    if (service.token !== undefined) {
      const { token } = service
      it.effect("a session without its token, or with one that is none", () =>
        Effect.gen(function*() {
          yield* setFaults({ endpoint: service.endpoint, kind: "dropField", field: token })
          assert.include((yield* errorOf(getOf(service.layer))).message, `${token} is missing`)
          for (const value of ["", null, 7, ["s3cr3t"]]) {
            yield* setFaults({ endpoint: service.endpoint, kind: "setField", field: token, value })
            assert.match((yield* errorOf(getOf(service.layer))).message, /Token must be a (?:non empty )?string/)
          }
        }).pipe(Effect.provide(cloud().layer)))
    }

    const moments: ReadonlyArray<readonly [text: string, seconds: number]> = [
      ["1970-01-01T01:00:00Z", 3600],
      ["1970-01-01T09:00:00+08:00", 3600],
      ["1970-01-01T01:00:00.123456Z", 3600.123],
      ["1970-01-01T01:00:00.5Z", 3600.5],
      ["1970-01-01 01:00:00", 3600],
      ["9999-12-31T23:59:59Z", 253_402_300_799]
    ]
    it.effect("an end in any form of RFC 3339", () =>
      Effect.gen(function*() {
        for (const [text, seconds] of moments) {
          yield* setFaults({ endpoint: service.endpoint, kind: "setField", field: "Expiration", value: text })
          const credentials = yield* getOf(service.layer)
          assert.deepStrictEqual(
            Credentials.expirationOf(credentials),
            Option.some(DateTime.unsafeMake(seconds * 1000)),
            text
          )
        }
      }).pipe(Effect.provide(cloud().layer)))

    for (const [minutes, requests] of [[8, 1], [15, 2]] as const) {
      it.scoped(`a session that does not say when it ends: after ${minutes} minutes there were ${requests} requests`, () =>
        Effect.gen(function*() {
          yield* setFaults({ endpoint: service.endpoint, kind: "dropField", field: "Expiration" })
          const provider = yield* build(service.layer)
          const first = yield* provider.get
          assert.isTrue(Option.isNone(Credentials.expirationOf(first)))
          yield* TestClock.adjust(Duration.minutes(minutes))
          assert.strictEqual((yield* provider.get) === first, requests === 1)
          assert.strictEqual(yield* asked(service), requests)
        }).pipe(Effect.provide(cloud().layer)))
    }

    it.effect("a good session under another content type and with unknown fields, which is used", () =>
      Effect.gen(function*() {
        const body = JSON.stringify({
          Code: "Success",
          RequestId: "s3cr3t",
          More: ["s3cr3t"],
          AccessKeyId: "STS.NBody",
          AccessKeySecret: "s3cr3t-body",
          SecurityToken: "s3cr3t-token",
          Credentials: { AccessKeyId: "STS.NBody", AccessKeySecret: "s3cr3t-body", SecurityToken: "s3cr3t-token" },
          SessionAccessKey: { SessionAccessKeyId: "STS.NBody", SessionAccessKeySecret: "s3cr3t-body" }
        })
        for (const contentType of ["text/plain", "text/html; charset=gbk", ""]) {
          yield* setFaults({ endpoint: service.endpoint, kind: "status", status: 200, body, contentType })
          const credentials = yield* getOf(service.layer)
          assert.strictEqual("accessKeyId" in credentials && credentials.accessKeyId, "STS.NBody")
        }
      }).pipe(Effect.provide(cloud().layer)))
  })
}

describe("the Security Token Service", () => {
  for (const service of [ramRoleArn, oidcRoleArn, rsaKeyPair]) {
    it.effect(`${service.name}: a refusal under status 200 is a refusal`, () =>
      Effect.gen(function*() {
        const RequestId = "7463B73D-3A1F-4E2B-9C0D-0123456789AB"
        const body = JSON.stringify({ RequestId, Code: "NoPermission", Message: "s3cr3t" })
        yield* setFaults({ endpoint: service.endpoint, kind: "malformed", body })
        const error = yield* errorOf(getOf(service.layer))
        assert.include(error.message, `HTTP 200, code NoPermission, request id ${RequestId}`)
        assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Denied")
      }).pipe(Effect.provide(cloud().layer)))
  }

  const bodies: ReadonlyArray<readonly [title: string, body: string, code: string | undefined]> = [
    [
      "as XML",
      "<?xml version=\"1.0\"?><Error><RequestId>7463B73D-3A1F</RequestId><Code>NoPermission</Code><Message>s3cr3t</Message></Error>",
      "NoPermission"
    ],
    ["without a message", "{\"Code\":\"NoPermission\"}", "NoPermission"],
    [
      "with details",
      "{\"Code\":\"NoPermission\",\"AccessDeniedDetail\":{\"AuthAction\":\"s3cr3t\"},\"RequestId\":7}",
      "NoPermission"
    ],
    ["with a code nobody knows", "{\"Code\":\"Some.NewCode\",\"Message\":\"s3cr3t\"}", "Some.NewCode"],
    [
      "with a code that is a secret",
      "{\"Code\":\"s3cr3tKey0123456789\",\"RequestId\":\"s3cr3tKey0123456789\"}",
      undefined
    ],
    ["with a code that is none", "{\"Code\":[\"s3cr3t\"],\"RequestId\":{\"s3cr3t\":1}}", undefined],
    ["as a page", "<html>s3cr3t</html>", undefined],
    ["as nothing", "", undefined]
  ]
  for (const [title, body, code] of bodies) {
    it.effect(`an error ${title} shows its code and its status, not its text`, () =>
      Effect.gen(function*() {
        yield* setFaults({ endpoint: "sts", kind: "status", status: 403, body })
        const error = yield* errorOf(getOf(ramRoleArn.layer))
        assert.strictEqual(error._tag === "SourceFailed" && error.code, code)
        assert.strictEqual(error._tag === "SourceFailed" && error.reason, code === undefined ? "BadStatus" : "Denied")
        assert.include(error.message, "HTTP 403")
      }).pipe(Effect.provide(cloud().layer)))
  }
})
