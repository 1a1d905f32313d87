/** The options of `createCredential` beyond the official `Config`. */
import { CredentialsError, SessionStore, type Source } from "@effect-alicloud/credentials"
import { createCredential, type CredentialOptions, CredentialsClosed } from "@effect-alicloud/sdk"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Option, Redacted } from "effect"
import { assertNoLeak } from "../kit/leaks.ts"
import { rejectionOf } from "./utils/scenario.ts"

const ci = { accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-ci" }

const roleArn = "acs:ram::1234567890123456:role/deploy"

const session = { accessKeyId: "STS.Own", accessKeySecret: "s3cr3t-own", securityToken: "s3cr3t-own-token" }

type Get = NonNullable<CredentialOptions.CredentialOptions["get"]>

const create = (options: CredentialOptions.CredentialOptions) =>
  Effect.acquireRelease(
    Effect.promise(() => createCredential(options)),
    (credential) => Effect.promise(() => credential.close())
  )

/** The error of the first read. */
const errorOf = (options: CredentialOptions.CredentialOptions) =>
  Effect.flatMap(create(options), (credential) => rejectionOf(credential.getCredential()))

const get = (...results: ReadonlyArray<unknown>): { readonly get: Get; readonly calls: () => number } => {
  let calls = 0
  return {
    calls: () => calls,
    get: async () => results[calls++] as Source.Keys
  }
}

describe("a function of the user's", () => {
  it.scopedLive("is called once for many readers, and again when its credentials are rejected", () =>
    Effect.gen(function*() {
      const expiration = new Date(Date.now() + 3_600_000)
      const vault = get({ ...session, expiration }, { ...session, accessKeyId: "STS.Next", expiration })
      const credential = yield* create({ get: vault.get, name: "Vault" })
      const reads = yield* Effect.promise(() =>
        Promise.all(Array.from({ length: 100 }, () => credential.getCredential()))
      )
      assert.deepStrictEqual([new Set(reads).size, vault.calls()], [1, 1])
      assert.deepInclude(reads[0]?.toMap(), { ...session, type: "Vault", providerName: "Vault" })
      const rejected = Object.assign(new Error(), { code: "InvalidSecurityToken.Expired" })
      const id = yield* Effect.promise(() =>
        credential.retryOnRejected(async () => {
          const { accessKeyId } = await credential.getCredential()
          if (accessKeyId === "STS.Own") throw rejected
          return accessKeyId
        })
      )
      assert.deepStrictEqual([id, vault.calls()], ["STS.Next", 2])
    }))

  it.scopedLive.each(
    [
      [{ ...ci, securityToken: "", expiration: null }, { ...ci, securityToken: undefined }],
      [{ ...session, expiration: "2099-01-02T03:04:05Z" }, session],
      [{ bearerToken: "s3cr3t-bearer" }, { accessKeyId: "", bearerToken: "s3cr3t-bearer" }]
    ] as const
  )("may return a pair, a session or a bearer token", ([result, expected]) =>
    Effect.gen(function*() {
      const credential = yield* create({ get: get(result).get })
      assert.deepInclude((yield* Effect.promise(() => credential.getCredential())).toMap(), expected)
    }))

  it.scopedLive.each(
    [
      [undefined, "accessKeyId is missing"],
      [{ ...ci, accessKeyId: 1 }, "accessKeyId must be a string"],
      [{ accessKeyId: "s3cr3t" }, "accessKeySecret is missing"],
      [{ ...session, expiration: "s3cr3t tomorrow" }, "expiration"],
      [{ ...session, expiration: new Date(Number.NaN) }, "expiration"]
    ] as const
  )(
    "with an unusable result is an error that says what is wrong, without the values: %#",
    ([result, text]) =>
      Effect.gen(function*() {
        const error = yield* errorOf({ get: get(result).get, name: "Vault" })
        assert.instanceOf(error, CredentialsError.SourceFailed)
        assert.deepInclude(error, { source: "Vault", reason: "Malformed" })
        assert.include(error.message, text)
        assertNoLeak(error)
      })
  )

  it.scopedLive("that is rejected is named in the error, without the text of its own error", () =>
    Effect.gen(function*() {
      const error = yield* errorOf({
        get: async () => {
          throw Object.assign(new TypeError("no s3cr3t"), { code: "ECONNREFUSED" })
        },
        name: "Vault"
      })
      assert.instanceOf(error, CredentialsError.SourceFailed)
      assert.strictEqual(
        error.message,
        "Vault failed, Transport: its function was rejected with TypeError (code ECONNREFUSED). " +
          "Log the error inside the function to see more."
      )
      assertNoLeak(error)
    }))

  it.scopedLive("may fail with a typed error of its own, which readers get as it is", () =>
    Effect.gen(function*() {
      const own = CredentialsError.invalidConfig("Vault", CredentialsError.atOptions("path"), "it must not be empty")
      const error = yield* errorOf({ get: () => Promise.reject(own) })
      assert.instanceOf(error, CredentialsError.InvalidConfig)
      assert.strictEqual(error.message, own.message)
    }))

  it.live("is aborted when the credential is closed", () =>
    Effect.gen(function*() {
      let signal: AbortSignal | undefined
      const credential = yield* Effect.promise(() =>
        createCredential({
          get: (given) => {
            signal = given
            return new Promise<never>(() => {})
          }
        })
      )
      const read = rejectionOf(credential.getCredential())
      const [error] = yield* Effect.all([
        read,
        Effect.promise(async () => {
          while (signal === undefined) await new Promise((resolve) => setImmediate(resolve))
          await credential.close()
        })
      ], { concurrency: "unbounded" })
      assert.instanceOf(error, CredentialsClosed.CredentialsClosed)
      assert.isTrue(signal?.aborted)
    }))
})

describe("a list of sources", () => {
  it.scopedLive("is tried in order, past a source that is not there", () =>
    Effect.gen(function*() {
      const credential = yield* create({ sources: ["OidcRoleArn", { get: get(ci).get, name: "Vault" }] })
      assert.strictEqual(yield* Effect.promise(() => credential.getAccessKeyId()), "LTAI5tCi")
    }))

  it.scopedLive("with strict stops at a source that is broken", () =>
    Effect.gen(function*() {
      const error = yield* errorOf({
        sources: [{ get: get({}).get, name: "Vault" }, { type: "access_key", ...ci }],
        strict: true
      })
      assert.instanceOf(error, CredentialsError.NoCredentials)
      assert.deepStrictEqual(error.attempts.map(({ source }) => source), ["Vault"])
    }))

  it.scopedLive("without any source has no credentials", () =>
    Effect.gen(function*() {
      assert.instanceOf(yield* errorOf({ sources: [] }), CredentialsError.NoCredentials)
    }))
})

it.scopedLive("a session store may be any layer: a session that it has is used, and STS is not called", () =>
  Effect.gen(function*() {
    const stored: SessionStore.StoredSession = {
      accessKeyId: "STS.Stored",
      accessKeySecret: Redacted.make("s3cr3t-stored"),
      securityToken: Redacted.make("s3cr3t-stored-token"),
      expiration: DateTime.unsafeMake(Date.now() + 3_600_000),
      receivedAt: DateTime.unsafeMake(Date.now()),
      roleArn,
      roleSessionName: "stored"
    }
    const store = Layer.effect(
      SessionStore.SessionStore,
      Effect.map(SessionStore.makeMemory, (memory) => ({ ...memory, get: () => Effect.succeed(Option.some(stored)) }))
    )
    const credential = yield* create({ type: "access_key", ...ci, role: { roleArn }, sessionStore: store })
    assert.strictEqual(credential.getType(), "ram_role_arn")
    assert.deepInclude((yield* Effect.promise(() => credential.getCredential())).toMap(), {
      accessKeyId: "STS.Stored",
      providerName: "ram_role_arn/static_ak"
    })
  }))

describe("options that cannot be", () => {
  const wrong: ReadonlyArray<readonly [object, source: string, text: string]> = [
    [{ profile: "a", get: get().get }, "createCredential", "options profile and get: only one of them can be given"],
    [{ sources: [], type: "sts" }, "createCredential", "options sources and type: only one of them can be given"],
    [
      { type: "access_key", ...ci, strict: true },
      "createCredential",
      "option strict: it is only for the default chain"
    ],
    [{ sources: ["Nosuch"] }, "createCredential", "\"Nosuch\" is not one of Environment, OidcRoleArn, CliProfile"],
    [{ sources: "Environment" }, "createCredential", "option sources: it must be a list"],
    [{ sources: [null] }, "createCredential", "option sources: each must be a name or an object"],
    [{ get: "s3cr3t" }, "createCredential", "option get: it must be a function"],
    [{ refresh: { earlyWindow: "soon" } }, "createCredential", "option refresh: a duration is milliseconds"],
    [{ profile: "" }, "CliProfile", "profileName must be a non-empty string"],
    [{ role: { roleArn: "" } }, "RamRoleArn", "roleArn must be a non-empty string"],
    [{ role: { rolArn: roleArn } }, "RamRoleArn", "rolArn"],
    [{ type: "ram_role_arn", roleArn, strict: undefined }, "RamRoleArn", "accessKeyId"],
    [{ sessionStore: { directory: "here" } }, "FileSessionStore", "directory"],
    [{ porfile: "s3cr3t" }, "FromConfig", "porfile"]
  ]

  it.live.each(wrong)(
    "are rejected with a typed error that names the source: %#",
    ([options, source, text]) =>
      Effect.gen(function*() {
        const error = yield* rejectionOf(createCredential(options as CredentialOptions.CredentialOptions))
        assert.instanceOf(error, CredentialsError.InvalidConfig)
        assert.strictEqual(error.source, source)
        assert.include(error.message, text)
        assertNoLeak(error)
      })
  )
})
