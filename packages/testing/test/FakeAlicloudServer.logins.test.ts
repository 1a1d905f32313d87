import type { Request } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { rpc } from "../../../test/kit/sign.ts"
import { accountId } from "./utils/cloud.ts"
import { overTls } from "./utils/https.ts"
import { cloudSso, configuration, exchange, loginWorld, oauthKeyIn, refresh } from "./utils/logins.ts"

const world = {
  ...loginWorld,
  cloudSsoSites: [...(loginWorld.cloudSsoSites ?? []), { host: "signin.example.com:8443" }]
}

const memory = FakeAlicloud.layer(world)

const sockets = FakeAlicloudServer.layerClient.pipe(
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.provideMerge(FakeAlicloudServer.layer(world))
)

const send = (request: Request) =>
  Effect.gen(function*() {
    const client = HttpClient.withTracerPropagation(yield* HttpClient.HttpClient, false)
    const response = yield* client.execute(
      HttpClientRequest.post(request.url).pipe(
        HttpClientRequest.setHeaders(request.headers),
        request.body === ""
          ? (self) => self
          : HttpClientRequest.bodyText(request.body, request.headers["content-type"] ?? "text/plain")
      )
    )
    return `${response.status} ${response.headers["content-type"]} ${yield* response.text}`
  }).pipe(Effect.scoped)

/** What differs between two runs at different times. */
const stable = (answer: string): string => answer.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<time>")

const requests: ReadonlyArray<Request> = [
  refresh("rt-1"),
  refresh("fake-oauth-refresh-token-0001"),
  refresh("rt-1", "CN", { client_id: "1" }),
  exchange("fake-oauth-access-token-0002"),
  exchange("at-intl", "INTL"),
  exchange("at-x"),
  refresh("rt-1"),
  exchange("fake-oauth-access-token-0002"),
  cloudSso("sso-1", configuration("ac-1")),
  cloudSso("sso-1", configuration("ac-9")),
  { ...cloudSso("sso-1", {}), body: "" },
  cloudSso("sso-1", {}, "signin.example.com:8443")
]

const conversation = Effect.gen(function*() {
  const { journal, oauthLogin } = yield* FakeAlicloud.FakeAlicloud
  const answers = (yield* Effect.forEach(requests, send)).map(stable)
  const entries = (yield* journal).map((entry) => ({ ...entry, at: 0 }))
  return { answers, entries, login: yield* oauthLogin("rt-1") }
})

describe("FakeAlicloudServer with logins", () => {
  it.live("answers and writes down what the in-memory client answers and writes down", () =>
    Effect.gen(function*() {
      const inMemory = yield* Effect.provide(conversation, memory)
      const onSockets = yield* Effect.provide(conversation, sockets)
      assert.deepStrictEqual(onSockets, inMemory)
      assert.deepStrictEqual(
        inMemory.answers.map((answer) => answer.slice(0, 3)),
        ["200", "200", "401", "200", "200", "401", "400", "401", "200", "403", "400", "401"]
      )
      assert.isTrue(inMemory.login?.revoked)
    }))

  it.live("shows certificates for both OAuth hosts and for declared CloudSSO hosts, whichever port they have", () =>
    Effect.gen(function*() {
      const { caPem, httpsPort } = yield* FakeAlicloudServer.FakeAlicloudServer
      const ask = (request: Request) => overTls(httpsPort, caPem, request)
      assert.match(yield* ask(refresh("rt-1")), /^200 .*"expires_in":3600/)
      assert.match(yield* ask(refresh("rt-intl", "INTL")), /^200 .*"expires_in":3600/)
      assert.match(yield* ask(cloudSso("sso-1", configuration("ac-1"))), /^200 .*"CloudCredential"/)
      assert.match(yield* ask(cloudSso("sso-1", {}, "signin.example.com:8443")), /^401 .*"InvalidAccessToken"/)
      assert.notMatch(yield* ask(cloudSso("sso-1", {}, "signin-eu.alibabacloudsso.com")), /^\d/)
      assert.strictEqual(
        yield* overTls(httpsPort, undefined, exchange("at-intl", "INTL")),
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
      )
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))

  it.live("returns sessions that STS accepts", () =>
    Effect.gen(function*() {
      const { caPem, httpsPort } = yield* FakeAlicloudServer.FakeAlicloudServer
      const session = yield* overTls(httpsPort, caPem, exchange("at-1"))
      const key = oauthKeyIn(JSON.parse(session.slice(4)))
      const at = yield* Clock.currentTimeMillis
      const identity = yield* overTls(httpsPort, caPem, rpc(key, { action: "GetCallerIdentity", at }))
      assert.include(identity, `"Arn":"acs:ram::${accountId}:user/alice"`)
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))
})
