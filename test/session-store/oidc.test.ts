import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import * as SessionStore from "@effect-alicloud/credentials/SessionStore"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Encoding, Layer, Redacted } from "effect"
import { cloud, count, providerArn, roleArn } from "../kit/cloud.ts"
import { secretsOf } from "../kit/world.ts"

const jwt = (claims: object, signature = "c2ln"): string =>
  ["{\"alg\":\"RS256\"}", JSON.stringify(claims)].map((part) => Encoding.encodeBase64Url(part)).join(".") +
  `.${signature}`

const pod = { iss: "https://c1", sub: "system:serviceaccount:default:app", aud: "sts.aliyuncs.com" }

const tokens = {
  first: jwt(pod),
  renewed: jwt({ ...pod, iat: 1 }, "bmV3"),
  issuer: jwt({ ...pod, iss: "https://c2" }),
  subject: jwt({ ...pod, sub: "system:serviceaccount:default:other" }),
  audience: jwt({ ...pod, aud: ["sts.aliyuncs.com", "other"] }),
  opaque: "s3cr3t-opaque-1",
  opaqueToo: "s3cr3t-opaque-2"
}

const world = {
  oidcTokens: Object.values(tokens).map((token) => ({ token, providerArn, subject: pod.sub }))
}

/** A program of its own with that token. */
const idWith = (token: string) =>
  Effect.scoped(Effect.gen(function*() {
    const layer = OidcRoleArn.layer({
      roleArn: roleArn("pod"),
      oidcProviderArn: providerArn,
      oidcToken: Effect.succeed(Redacted.make(token))
    })
    const provider = Context.get(yield* Layer.build(Layer.fresh(layer)), CredentialsProvider.CredentialsProvider)
    return secretsOf(yield* provider.get)[0]
  }))

describe("OidcRoleArn with a session store", () => {
  it.effect("programs whose tokens say the same share a session, others never do", () =>
    Effect.gen(function*() {
      const first = yield* idWith(tokens.first)
      assert.strictEqual(yield* idWith(tokens.first), first)
      assert.strictEqual(yield* idWith(tokens.renewed), first)
      assert.strictEqual(yield* count, 1)
      const others = yield* Effect.all([
        idWith(tokens.issuer),
        idWith(tokens.subject),
        idWith(tokens.audience),
        idWith(tokens.opaque),
        idWith(tokens.opaqueToo)
      ])
      assert.strictEqual(new Set([first, ...others]).size, 6)
      assert.strictEqual(yield* idWith(tokens.opaque), others[3])
      assert.strictEqual(yield* count, 6)
    }).pipe(Effect.provide(Layer.mergeAll(cloud(world).layer, SessionStore.layerMemory, NodeFileSystem.layer))))
})
