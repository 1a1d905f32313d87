import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer } from "effect"
import { rpc } from "../../../test/kit/sign.ts"
import { alice, keyPair, roleArn, verdict } from "./utils/cloud.ts"

const world: WorldInput = { users: [alice], roles: [{ arn: roleArn("open") }] }

const whoami = () => rpc(alice, { action: "GetCallerIdentity" })

const assume = () =>
  rpc(alice, { action: "AssumeRole", parameters: { RoleArn: roleArn("open"), RoleSessionName: "test" } })

describe("world", () => {
  const wrong: ReadonlyArray<readonly [title: string, world: unknown, issue: RegExp]> = [
    ["an unknown key", { user: [] }, /user: is unexpected/],
    ["an unknown key inside", { roles: [{ arn: roleArn("a"), trust: [] }] }, /roles\.0\.trust: is unexpected/],
    ["a role without an ARN", { roles: [{ arn: "a" }] }, /roles\.0\.arn/],
    [
      "one AccessKey ID twice",
      { users: [alice, { ...alice, name: "b" }] },
      /AccessKey ID LTAI5tAlice is declared twice/
    ],
    ["one role twice", { roles: [{ arn: roleArn("a") }, { arn: roleArn("a") }] }, /role .*\/a is declared twice/],
    ["trust in nobody", { roles: [{ arn: roleArn("a"), trustedUsers: ["eve"] }] }, /trusts the user eve/],
    [
      "an instance with a role that does not trust ECS",
      { roles: [{ arn: roleArn("a") }], instance: { roleName: "a" } },
      /the instance has the role .*\/a, which does not say `ecs`/
    ],
    [
      "a key that is not one",
      { publicKeys: [{ publicKeyId: "k", publicKey: "pem" }] },
      /public key k is not an RSA key/
    ],
    [
      "a private key as public key",
      { publicKeys: [{ publicKeyId: "k", publicKey: keyPair.privateKey }] },
      /public key k is not an RSA key/
    ],
    [
      "one refresh token twice",
      { oauthLogins: [{ refreshToken: "rt-1" }, { site: "INTL", refreshToken: "rt-1" }] },
      /OAuth refresh token rt-1 is declared twice/
    ],
    [
      "one access token of OAuth twice",
      { oauthLogins: [{ refreshToken: "a", accessToken: "at" }, { refreshToken: "b", accessToken: "at" }] },
      /OAuth access token at is declared twice/
    ],
    ["an unknown OAuth site", { oauthLogins: [{ refreshToken: "a", site: "JP" }] }, /oauthLogins\.0\.site/],
    [
      "one CloudSSO host twice",
      { cloudSsoSites: [{ host: "sso.example" }, { host: "sso.example" }] },
      /CloudSSO site sso\.example is declared twice/
    ],
    [
      "one access token of CloudSSO twice",
      { cloudSsoSites: [{ host: "sso.example", logins: [{ accessToken: "t" }, { accessToken: "t" }] }] },
      /CloudSSO access token t is declared twice/
    ],
    ["an unknown fault", { faults: [{ endpoint: "sts", kind: "explode" }] }, /faults\.0/]
  ]

  for (const [title, world, issue] of wrong) {
    it.effect(`cannot have ${title}`, () =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(Layer.build(layer(world as WorldInput)).pipe(Effect.scoped))
        const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        assert.propertyVal(error, "_tag", "InvalidWorld")
        assert.match(String(error), issue)
      }))
  }

  it.effect("can change while sessions live on", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* verdict(whoami()), "200")
      const cloud = yield* FakeAlicloud
      const now = yield* cloud.world
      assert.strictEqual(now.users[0]?.accountId, "1234567890123456")
      yield* cloud.setWorld({ users: [{ ...alice, active: false }] })
      assert.strictEqual(yield* verdict(whoami()), "403 InvalidAccessKeyId.Inactive")
      assert.strictEqual((yield* Effect.flip(cloud.setWorld({ sessionSecondsScale: 0 })))._tag, "InvalidWorld")
    }).pipe(Effect.provide(layer(world))))

  it.effect("is not shared between two layers", () =>
    Effect.gen(function*() {
      yield* verdict(assume()).pipe(Effect.provide(layer(world)))
      const issued = yield* Effect.flatMap(FakeAlicloud, ({ issued }) => issued).pipe(Effect.provide(layer(world)))
      assert.strictEqual(issued, 0)
    }))
})
