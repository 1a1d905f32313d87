import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as SamlRoleArn from "@effect-alicloud/credentials/SamlRoleArn"
import * as Sts from "@effect-alicloud/openapi/Sts"
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Encoding, Layer, Option, Redacted } from "effect"
import { accountId, cloud, count, drive, roleArn, setFaults, story } from "../kit/cloud.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { getOf, secretsOf, untyped } from "../kit/world.ts"

const samlProviderArn = `acs:ram::${accountId}:saml-provider/company`

const response = "<Response>s3cr3t-saml</Response>"

const encoded = Encoding.encodeBase64(response)

const world: WorldInput = {
  roles: [{ arn: roleArn("admin"), trustedSamlProviders: [samlProviderArn] }],
  samlAssertions: [{ response, providerArn: samlProviderArn, subject: "alice" }]
}

const admin = (samlAssertion: SamlRoleArn.Config["samlAssertion"], more: Partial<SamlRoleArn.Config> = {}) =>
  SamlRoleArn.layer({ roleArn: roleArn("admin"), samlProviderArn, samlAssertion, ...more })

const given = Effect.succeed(Redacted.make(encoded))

describe("SamlRoleArn", () => {
  it.effect("returns the session of the role, unsigned and without a session name", () => {
    const { layer, parameter } = cloud(world)
    return Effect.gen(function*() {
      const wrapped = Effect.succeed(Redacted.make(` ${encoded.slice(0, 9)}\n${encoded.slice(9)}\n`))
      const credentials = yield* getOf(admin(wrapped, { policy: "{}", roleSessionExpiration: 900 }))
      assert.deepStrictEqual([credentials.type, credentials.providerName], ["saml_role_arn", "saml_role_arn"])
      assert.deepStrictEqual(secretsOf(credentials), ["STS.Fake0001", "fake-secret-0001", "fake-token-0001"])
      assert.deepStrictEqual(Credentials.expirationOf(credentials), Option.some(DateTime.unsafeMake(900_000)))
      assertNoLeak(credentials)
      const names = ["SAMLAssertion", "SAMLProviderArn", "RoleArn", "Policy", "RoleSessionName", "Signature"]
      assert.deepStrictEqual(names.map((name) => parameter(0, name)), [
        encoded,
        samlProviderArn,
        roleArn("admin"),
        "{}",
        null,
        null
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("obtains the response again for each attempt", () => {
    let times = 0
    return Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "status", status: 503, times: 1 })
      yield* drive(getOf(admin(Effect.sync(() => {
        times++
        return Redacted.make(encoded)
      }))))
      assert.strictEqual(times, 2)
      assert.deepStrictEqual(yield* story, ["sts.AssumeRoleWithSAML 503", "sts.AssumeRoleWithSAML 200"])
    }).pipe(Effect.provide(cloud(world).layer))
  })

  const unusable: ReadonlyArray<readonly [title: string, value: unknown, detail: string]> = [
    ["no text", Redacted.make(untyped(7)), "did not answer a Redacted text"],
    ["plain text", "s3cr3t", "did not answer a Redacted text"],
    ["nothing", Redacted.make(" \n"), "the SAML response is empty"],
    ["XML", Redacted.make(response), "not in Base64"],
    ["more than STS takes", Redacted.make("s3cr3t".repeat(20_000)), "has 120000 characters, more than the 100000"]
  ]
  for (const [title, value, detail] of unusable) {
    it.effect(`${title} is an error before anything is sent`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(admin(Effect.succeed(untyped(value)))))
        assert.include(error.message, `SamlRoleArn failed, Malformed: `)
        assert.include(error.message, detail)
        assert.strictEqual(yield* count, 0)
      }).pipe(Effect.provide(cloud(world).layer)))
  }

  it.effect("says what STS refused", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(getOf(admin(Effect.succeed(Redacted.make("c2VjcmV0")))))
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Denied")
      assert.include(error.message, "AssumeRoleWithSAML was refused (HTTP 401")
    }).pipe(Effect.provide(cloud(world).layer)))

  it.effect("needs a provider and an effect", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(
        getOf(SamlRoleArn.layer(untyped({ roleArn: roleArn("admin"), samlAssertion: encoded })))
      )
      assert.include(error.message, "samlProviderArn is missing")
      assert.include(error.message, "samlAssertion must be an effect that answers a Redacted SAML response, not string")
    }).pipe(Effect.provide(cloud(world).layer)))

  it.effect("has the same call in the client of OpenAPI", () =>
    Effect.gen(function*() {
      const session = yield* Sts.assumeRoleWithSaml({
        roleArn: roleArn("admin"),
        samlProviderArn,
        samlAssertion: yield* given
      })
      assert.strictEqual(session.credentials.type, "saml_role_arn")
      assert.strictEqual(session.arn, `${roleArn("admin")}/alice`)
    }).pipe(
      Effect.provide(Sts.layer().pipe(Layer.provide(TestCredentials.layer()), Layer.provideMerge(cloud(world).layer)))
    ))
})
