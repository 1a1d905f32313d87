// Broker.test.ts
import { CredentialsProvider, EcsRamRole } from "@effect-alicloud/credentials"
import { FakeAlicloud } from "@effect-alicloud/testing"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted, TestClock } from "effect"
import * as Broker from "./Broker.ts"

const broker = (role: string) =>
  Broker.layer({ url: "https://broker.example.com", role, token: Redacted.make("secret") })

// The fake cloud is the whole network. At this address it gives out sessions; there is an ECS instance, too.
const cloud = FakeAlicloud.layer({
  credentialsUris: [{ host: "broker.example.com", path: "/v1/sessions/deploy" }],
  instance: { roleName: "build-agent" }
})

it.effect("gets a session, and a new one before it ends", () =>
  Effect.gen(function*() {
    const fake = yield* FakeAlicloud.FakeAlicloud
    const provider = yield* CredentialsProvider.CredentialsProvider
    const first = yield* provider.get
    assert.strictEqual(yield* provider.get, first)
    yield* TestClock.adjust("59 minutes")
    assert.notStrictEqual(yield* provider.get, first)
    assert.strictEqual(yield* fake.count("uri"), 2)
  }).pipe(Effect.provide(Layer.provideMerge(broker("deploy"), cloud))))

it.effect("fails with what the broker says, and with what to do", () =>
  Effect.gen(function*() {
    const fake = yield* FakeAlicloud.FakeAlicloud
    yield* fake.setFaults([{ endpoint: "uri", kind: "error", status: 403, code: "NotYours" }])
    const error = yield* Effect.flip(CredentialsProvider.get)
    assert.match(
      error.message,
      /^Broker failed, Denied: https:\/\/broker\.example\.com refused \(HTTP 403, code NotYours, request id [0-9A-F-]+\)\. Ask/
    )
  }).pipe(Effect.provide(Layer.provideMerge(broker("deploy"), cloud))))

it.effect("leaves a role that the broker does not know to the next source", () =>
  Effect.gen(function*() {
    yield* CredentialsProvider.get
    const { winner } = yield* CredentialsProvider.report
    assert.deepStrictEqual(winner, Option.some("EcsRamRole"))
  }).pipe(Effect.provide(
    broker("unknown").pipe(CredentialsProvider.layerOrElse(EcsRamRole.layer()), Layer.provide(cloud))
  )))

it.effect("names the option that is wrong", () =>
  Effect.gen(function*() {
    const wrong = Broker.make({ url: "http://broker.example.com", role: "deploy", token: Redacted.make("secret") })
    const error = yield* Effect.flip(wrong)
    assert.strictEqual(error.message, "Broker is misconfigured in its options: url must be an https origin.")
  }).pipe(Effect.provide(cloud)))
