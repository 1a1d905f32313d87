import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as CredentialsUri from "@effect-alicloud/credentials/CredentialsUri"
import * as Circle from "@effect-alicloud/credentials/unstable/Circle"
import type { Fault } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, TestClock } from "effect"
import { cloud, count, credentialsUri, drive, story } from "../kit/cloud.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { build, getOf, secretsOf, withEnv } from "../kit/world.ts"

const broken = (...faults: ReadonlyArray<Fault>) => cloud({ faults }).layer

const uri = CredentialsUri.layer({ credentialsUri })

describe("CredentialsUri", () => {
  it.effect("says of a session that had ended when it came how far the clock is ahead of the server's", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("2 hours")
      const error = yield* errorOf(getOf(uri))
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Expired")
      assert.match(error.message, /clock is wrong, 2h ahead of http:\/\/127\.0\.0\.1:6666: correct it/)
      assert.deepStrictEqual(yield* story, ["uri 200"])
    }).pipe(Effect.provide(cloud({ clockSkewSeconds: -7200 }).layer)))

  it.effect("returns the session it is given, and no rendering shows a secret", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(uri)
      assert.strictEqual(credentials.type, "credentials_uri")
      assert.strictEqual(credentials.providerName, "credential_uri")
      assert.deepStrictEqual(secretsOf(credentials), ["STS.Fake0001", "fake-secret-0001", "fake-token-0001"])
      assert.deepStrictEqual(Credentials.expirationOf(credentials), Option.some(DateTime.unsafeMake(3_600_000)))
      assertNoLeak(credentials)
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("the address is sent byte for byte, and with nothing that identifies the caller", () => {
    const path = "/a//b;c=1/%7euser/?x=1&x=2&empty=&sig=%2f%2F+%20&flag&z=%E4%B8%AD"
    const { layer, requests } = cloud({ credentialsUris: [{ path, host: "LocalHost:6666".toLowerCase() }] })
    return Effect.gen(function*() {
      yield* getOf(CredentialsUri.layer({ credentialsUri: `http://localhost:6666${path}` }))
      assert.strictEqual(requests[0]?.url, `http://localhost:6666${path}`)
      assert.strictEqual(requests[0]?.method, "GET")
      assert.deepStrictEqual(Object.keys(requests[0]?.headers ?? {}), ["accept"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("a private server for which it looks is named to servers on this machine only", () => {
    const chain = [{ server: "5f3a", address: "http://127.0.0.1:8042" }]
    const { layer, requests } = cloud({
      credentialsUris: [{ path: "/c", host: "127.0.0.1:6666" }, { path: "/c", host: "10.1.2.3:6666" }]
    })
    const variables = {
      [Circle.variable]: Circle.encode([{ file: "/home/me/.aliyun/config.json", profile: "s3cr3t-project" }])
    }
    return Effect.gen(function*() {
      for (const host of ["127.0.0.1", "10.1.2.3"]) {
        yield* getOf(CredentialsUri.layer({ credentialsUri: `http://${host}:6666/c` })).pipe(
          Effect.provideService(Circle.CurrentServers, chain)
        )
      }
      assert.deepStrictEqual(requests.map(({ headers }) => headers[Circle.header]), [JSON.stringify(chain), undefined])
    }).pipe(withEnv(variables), Effect.provide(layer))
  })

  it.effect("a server that refuses because of a circle ends the chain, after one request", () => {
    const body = JSON.stringify({
      Code: "Circle",
      Circle: ["http://127.0.0.1:1", "a\"\u001b[31m", "http://127.0.0.1:1"]
    })
    return Effect.gen(function*() {
      const error = yield* errorOf(getOf(uri))
      assert.isTrue(error._tag === "InvalidConfig" && error.circle !== undefined)
      assert.include(
        error.message,
        String.raw`it leads back to itself: "http://127.0.0.1:1" -> "a\u{22}\u{1b}[31m" -> "http://127.0.0.1:1"`
      )
      assert.deepStrictEqual(yield* story, ["uri 508"])
    }).pipe(Effect.provide(broken({ endpoint: "uri", kind: "status", status: 508, body })))
  })

  const failures: ReadonlyArray<
    readonly [title: string, faults: ReadonlyArray<Fault>, message: RegExp, requests: number]
  > = [
    [
      "another code than Success",
      [{ endpoint: "uri", kind: "setField", field: "Code", value: "NoRole" }],
      /Denied: the answer of http:\/\/127\.0\.0\.1:6666 says that it has no credentials \(HTTP 200, code NoRole\)/,
      1
    ],
    [
      "a code that looks like a key",
      [{ endpoint: "uri", kind: "setField", field: "Code", value: "s3cr3tKey" }],
      /no credentials \(HTTP 200\)/,
      1
    ],
    ["no code", [{ endpoint: "uri", kind: "dropField", field: "Code" }], /Code is missing/, 1],
    [
      "a code that is none",
      [{ endpoint: "uri", kind: "setField", field: "Code", value: ["Success"] }],
      /Code must be a string, not array/,
      1
    ],
    [
      "a refusal",
      [{ endpoint: "uri", kind: "status", status: 403, body: "s3cr3t" }],
      /BadStatus: http:\/\/127\.0\.0\.1:6666 refused \(HTTP 403\)/,
      1
    ],
    [
      "a refusal with a code and a request id",
      [{
        endpoint: "uri",
        kind: "status",
        status: 403,
        body: JSON.stringify({
          Code: "NoPermission",
          RequestId: "8A2C6A8B-1C1F-4A3C-9D5E-2F6B7C8D9E0F",
          Message: "s3cr3t"
        })
      }],
      /Denied: .* refused \(HTTP 403, code NoPermission, request id 8A2C6A8B-1C1F-4A3C-9D5E-2F6B7C8D9E0F\)/,
      1
    ],
    ["a page that is not there", [{ endpoint: "uri", kind: "html404" }], /HTTP 404/, 1],
    [
      "an answer with another status than 200",
      [{ endpoint: "uri", kind: "status", status: 201, body: "{}" }],
      /HTTP 201/,
      1
    ],
    ["an answer without content", [{ endpoint: "uri", kind: "status", status: 204 }], /HTTP 204/, 1],
    [
      "a redirect, which is not followed",
      [{ endpoint: "uri", kind: "redirect", location: "http://127.0.0.1:6666/s3cr3t" }],
      /HTTP 302/,
      1
    ]
  ]
  for (const [title, faults, message, requests] of failures) {
    it.effect(`${title} is an error`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(uri))
        assert.strictEqual(error._tag, "SourceFailed")
        assert.match(error.message, message)
        assert.strictEqual(yield* count, requests)
      }).pipe(Effect.provide(broken(...faults))))
  }

  it.effect("an address without a server is an error that shows scheme, host and port only", () =>
    Effect.gen(function*() {
      const layer = CredentialsUri.layer({ credentialsUri: "http://me:p@s3cr3t@127.0.0.1:1/s3cr3t?s3cr3t#s3cr3t" })
      const error = yield* errorOf(drive(getOf(layer)))
      assert.match(error.message, /Transport: no connection to http:\/\/127\.0\.0\.1:1 \(code E[A-Z]+\)\.$/)
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("comes from the environment it was built in when no option says it", () =>
    Effect.gen(function*() {
      const provider = yield* build(CredentialsUri.layer()).pipe(
        withEnv({ ALIBABA_CLOUD_CREDENTIALS_URI: ` ${credentialsUri}\n` })
      )
      yield* provider.get.pipe(withEnv({ ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1:1/" }))
      assert.deepStrictEqual(yield* story, ["uri 200"])
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("is absent from a chain while the variable is not set, and read again each time", () =>
    Effect.gen(function*() {
      const source = yield* CredentialsUri.fromEnv.pipe(withEnv({}))
      assert.strictEqual((yield* errorOf(source.get))._tag, "SourceUnavailable")
      assert.strictEqual(yield* count, 0)
      const set = yield* CredentialsUri.fromEnv.pipe(withEnv({ ALIBABA_CLOUD_CREDENTIALS_URI: credentialsUri }))
      assert.strictEqual((yield* set.get).type, "credentials_uri")
      const wrong = yield* CredentialsUri.fromEnv.pipe(withEnv({ ALIBABA_CLOUD_CREDENTIALS_URI: "s3cr3t" }))
      const error = yield* errorOf(wrong.get)
      assert.include(error.message, "misconfigured in")
    }).pipe(Effect.provide(cloud().layer)))
})
