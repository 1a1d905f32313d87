/** Whatever a service answers, the outcome is a session or an error with a type that shows nothing of the answer. */
import type { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FastCheck as fc, Redacted } from "effect"
import { assertNoLeak, marker } from "../../../../test/kit/leaks.ts"
import { files, network } from "../../../../test/kit/world.ts"
import type { CredentialsError } from "../../src/CredentialsError.ts"
import { PreviousFailures } from "../../src/internal/session/refreshing.ts"
import type { Source } from "../../src/Source.ts"
import * as AccessKey from "../../src/sources/AccessKey.ts"
import * as CredentialsUri from "../../src/sources/CredentialsUri.ts"
import * as EcsRamRole from "../../src/sources/EcsRamRole.ts"
import * as OidcRoleArn from "../../src/sources/OidcRoleArn.ts"
import * as RamRoleArn from "../../src/sources/RamRoleArn.ts"

const secret = fc.constantFrom(
  marker,
  `${marker}Key`,
  `LTAI5t${marker}0123456789`,
  `CAIS+${marker}/en==`,
  `${marker}\n${marker}`,
  `</Code>${marker}`,
  `${marker}-${"x".repeat(200)}`,
  `7463B73D-${marker}-4E2B`,
  "S3CR3T"
)

const fields = [
  "Code",
  "Message",
  "RequestId",
  "HostId",
  "Recommend",
  "AccessKeyId",
  "AccessKeySecret",
  "SecurityToken",
  "Expiration",
  "Credentials",
  "SessionAccessKey",
  "AccessDeniedDetail",
  "__proto__",
  marker
]

const document: fc.Arbitrary<unknown> = fc.letrec<{ readonly any: unknown; readonly near: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    secret,
    fc.constantFrom<unknown>(null, true, 0, -1.5, "", "Success", "NoPermission", "Throttling", "2030-01-01T00:00:00Z"),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...fields), tie("any"), { maxKeys: 6 })
  ),
  near: fc.record({
    Code: fc.oneof(fc.constant("Success"), tie("any")),
    RequestId: tie("any"),
    AccessKeyId: fc.oneof(fc.constant("STS.N1"), tie("any")),
    AccessKeySecret: fc.oneof(secret, tie("any")),
    SecurityToken: fc.oneof(secret, tie("any")),
    Expiration: fc.oneof(fc.constant("2030-01-01T00:00:00Z"), tie("any")),
    Credentials: fc.oneof(
      tie("any"),
      fc.record({
        AccessKeyId: fc.oneof(fc.constant("STS.N1"), tie("any")),
        AccessKeySecret: fc.oneof(secret, tie("any")),
        SecurityToken: fc.oneof(secret, tie("any")),
        Expiration: fc.oneof(fc.constant("2030-01-01T00:00:00Z"), tie("any"))
      }, { requiredKeys: [] })
    )
  }, { requiredKeys: [] })
})).near

const body = fc.oneof(
  { arbitrary: document.map((value) => JSON.stringify(value)), weight: 6 },
  {
    arbitrary: fc.tuple(document, fc.double({ min: 0, max: 1, noNaN: true })).map(([value, part]) => {
      const text = JSON.stringify(value)
      return text.slice(0, Math.floor(text.length * part))
    }),
    weight: 2
  },
  {
    arbitrary: secret.map((text) => `<Error><Code>${text}</Code><RequestId>${text}</RequestId></Error>`),
    weight: 1
  },
  { arbitrary: fc.tuple(secret, fc.string()).map(([text, noise]) => `${noise}${text}${noise}`), weight: 1 },
  { arbitrary: fc.constantFrom("", " ", "\uFEFF", "\u0000", "{}", "[]", "\"\""), weight: 1 }
)

interface Answer {
  readonly status: number
  readonly body: string
  readonly contentType: string
  readonly breaksOff: boolean
}

const answer: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    { arbitrary: fc.constant(200), weight: 3 },
    { arbitrary: fc.constantFrom(400, 401, 403, 404, 429, 500, 503), weight: 2 },
    { arbitrary: fc.integer({ min: 200, max: 599 }), weight: 1 }
  ),
  body,
  contentType: fc.constantFrom("application/json", "text/html", "application/xml; charset=gbk", "", marker),
  breaksOff: fc.constantFrom(true, false, false, false)
})

const bodiless = [204, 205, 304]

const responseOf = (answer: Answer): Response => {
  const bytes = new TextEncoder().encode(answer.body)
  const stream = new ReadableStream({
    start: (controller) => {
      controller.enqueue(bytes)
      if (answer.breaksOff) {
        controller.error(new TypeError(`terminated ${answer.body}`))
      } else {
        controller.close()
      }
    }
  })
  return new Response(bodiless.includes(answer.status) ? null : stream, {
    status: answer.status,
    headers: { "content-type": answer.contentType, location: `http://${marker}.example.com/`, "x-secret": marker }
  })
}

const caller = AccessKey.make({ accessKeyId: "LTAI5tCaller", accessKeySecret: Redacted.make(`${marker}-caller`) })

const role = "acs:ram::1234567890123456:role/r"

const sources: ReadonlyArray<
  readonly [name: string, make: Effect.Effect<Source, CredentialsError, HttpClient.HttpClient>, runs: number]
> = [
  ["RamRoleArn", Effect.flatMap(caller, (source) => RamRoleArn.make(source, { roleArn: role })), 70],
  [
    "OidcRoleArn",
    OidcRoleArn.make({ roleArn: role, oidcProviderArn: "p", oidcTokenFilePath: "/token" }).pipe(
      Effect.provide(files({ "/token": `${marker}-oidc` }))
    ),
    120
  ],
  ["EcsRamRole", EcsRamRole.make({ roleName: "r" }), 100],
  ["EcsRamRole without a name", EcsRamRole.make(), 40],
  ["CredentialsUri", CredentialsUri.make({ credentialsUri: `http://u:${marker}@127.0.0.1/${marker}?${marker}` }), 120]
]

const tags = ["SourceFailed", "SourceUnavailable"]

describe("any answer at all", () => {
  for (const [name, make, runs] of sources) {
    it.effect(
      `of the service that ${name} asks is a session or an error that shows nothing of it`,
      () =>
        Effect.gen(function*() {
          let current: Answer | undefined
          const source = yield* Effect.provide(make, network(() => responseOf(current!)).layer)
          const get = Effect.provideService(source.get, PreviousFailures, 1)
          const property = fc.asyncProperty(answer, async (answered) => {
            current = answered
            const exit = await Effect.runPromiseExit(get)
            if (Exit.isSuccess(exit)) {
              assert.strictEqual(exit.value._tag, "Sts")
            } else {
              assert.strictEqual(exit.cause._tag, "Fail")
              assert.include(tags, exit.cause._tag === "Fail" ? exit.cause.error._tag : "a defect")
              assertNoLeak(exit.cause._tag === "Fail" ? exit.cause.error : exit.cause)
            }
          })
          yield* Effect.promise(() => fc.assert(property, { numRuns: runs }))
        }),
      60_000
    )
  }
})
