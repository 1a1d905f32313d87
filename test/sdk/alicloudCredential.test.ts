import { Credentials, CredentialsError, CredentialsProvider, Source } from "@effect-alicloud/credentials"
import { AlicloudCredential, CredentialsClosed } from "@effect-alicloud/sdk"
import { TestCredentials } from "@effect-alicloud/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Redacted, Scope, TestClock } from "effect"
import { assertNoLeak } from "../kit/leaks.ts"
import { cached, numbered, pair, puppet } from "../kit/sessions.ts"
import { gatewayPop } from "./utils/gatewayPop.ts"
import { rejectionOf } from "./utils/scenario.ts"

const outage = new CredentialsError.SourceFailed({
  source: "RamRoleArn",
  reason: "Timeout",
  detail: "no answer from https://sts.aliyuncs.com",
  retryable: true
})

const bearer = (headerName?: string) =>
  Credentials.bearer({ providerName: "bearer", bearerToken: "s3cr3t-bearer", headerName })

describe("AlicloudCredential", () => {
  it.scoped("carries a session through all six methods", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudCredential.make(puppet(numbered(1)))
      const { accessKeyId, accessKeySecret, bearerToken, providerName, securityToken, type } = yield* Effect.promise(
        () => credential.getCredential()
      )
      assert.deepStrictEqual(
        { accessKeyId, accessKeySecret, bearerToken, providerName, securityToken, type },
        {
          accessKeyId: "STS.1",
          accessKeySecret: "s3cr3t-1",
          bearerToken: undefined,
          providerName: "ram_role_arn/static_ak",
          securityToken: "s3cr3t-token-1",
          type: "ram_role_arn"
        }
      )
      assert.strictEqual(credential.getType(), "ram_role_arn")
      assert.strictEqual(credential.getBearerToken(), "")
      assert.deepStrictEqual(
        yield* Effect.promise(() =>
          Promise.all([credential.getAccessKeyId(), credential.getAccessKeySecret(), credential.getSecurityToken()])
        ),
        ["STS.1", "s3cr3t-1", "s3cr3t-token-1"]
      )
    }))

  it.scoped("carries a pair without a token", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudCredential.make(puppet(pair))
      const { securityToken, type } = yield* Effect.promise(() => credential.getCredential())
      assert.deepStrictEqual([securityToken, type], [undefined, "access_key"])
      assert.strictEqual(yield* Effect.promise(() => credential.getSecurityToken()), "")
    }))

  it.scoped("carries a bearer token, with empty keys", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudCredential.make(puppet(bearer()))
      const found = yield* Effect.promise(() => credential.getCredential())
      assert.deepStrictEqual(
        [found.type, found.bearerToken, found.accessKeyId, found.accessKeySecret],
        ["bearer", "s3cr3t-bearer", "", ""]
      )
      assert.deepStrictEqual([credential.getType(), credential.getBearerToken()], ["bearer", "s3cr3t-bearer"])
    }))

  it.scoped("does not enter the Effect runtime for a fresh read, and answers the same object each time", () =>
    Effect.gen(function*() {
      const provider = puppet(numbered(1))
      const credential = yield* AlicloudCredential.make(provider)
      const first = yield* Effect.promise(() => credential.getCredential())
      assert.strictEqual(yield* Effect.promise(() => credential.getCredential()), first)
      provider.fresh = numbered(2)
      const second = yield* Effect.promise(() => credential.getCredential())
      assert.deepStrictEqual([first.accessKeyId, second.accessKeyId], ["STS.1", "STS.2"])
      assert.strictEqual(provider.gets, 0)
    }))

  it.scoped("waits for the provider when nothing is fresh", () =>
    Effect.gen(function*() {
      const provider = puppet()
      provider.answer = Effect.succeed(numbered(7))
      const credential = yield* AlicloudCredential.make(provider)
      assert.strictEqual((yield* Effect.promise(() => credential.getCredential())).accessKeyId, "STS.7")
      assert.strictEqual(yield* Effect.promise(() => credential.getAccessKeyId()), "STS.7")
      assert.strictEqual(provider.gets, 2)
    }))

  it.scoped("makes no request before a client needs it; the type is 'default' until then", () =>
    Effect.gen(function*() {
      const provider = puppet()
      const credential = yield* AlicloudCredential.make(provider)
      assert.deepStrictEqual([credential.getType(), credential.getBearerToken()], ["default", ""])
      assert.strictEqual(provider.gets, 0)
    }))

  it.scoped("keeps answering type and bearer token at once while the session is being replaced", () =>
    Effect.gen(function*() {
      const provider = puppet(bearer())
      const credential = yield* AlicloudCredential.make(provider)
      yield* Effect.promise(() => credential.getCredential())
      provider.fresh = undefined
      assert.deepStrictEqual([credential.getType(), credential.getBearerToken()], ["bearer", "s3cr3t-bearer"])
    }))

  it.scoped("rejects with the typed error itself, in which no secret shows", () =>
    Effect.gen(function*() {
      const provider = puppet()
      provider.answer = Effect.fail(outage)
      const credential = yield* AlicloudCredential.make(provider)
      for (
        const read of [
          credential.getCredential(),
          credential.getAccessKeyId(),
          credential.getAccessKeySecret(),
          credential.getSecurityToken()
        ]
      ) {
        const error = yield* rejectionOf(read)
        assert.strictEqual(error, outage)
        assert.instanceOf(error, CredentialsError.SourceFailed)
        assert.strictEqual(error._tag, "SourceFailed")
        assertNoLeak(error)
      }
    }))

  it.scoped("rejects credentials that official clients cannot send, fresh or not", () =>
    Effect.gen(function*() {
      for (const kind of [Credentials.anonymous({ providerName: "nobody" }), bearer("x-own-token")]) {
        for (const fresh of [kind, undefined]) {
          const provider = puppet(fresh)
          provider.answer = Effect.succeed(kind)
          const credential = yield* AlicloudCredential.make(provider)
          const error = yield* rejectionOf(credential.getCredential())
          assert.instanceOf(error, CredentialsError.InvalidConfig)
          assert.strictEqual(error.source, "AlicloudCredential")
          assertNoLeak(error)
        }
      }
    }))

  it.scoped("accepts a bearer token that names the usual header", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudCredential.make(puppet(bearer("X-Acs-Bearer-Token")))
      assert.strictEqual((yield* Effect.promise(() => credential.getCredential())).bearerToken, "s3cr3t-bearer")
    }))

  it.scoped("shows no secret unless one is read", () =>
    Effect.gen(function*() {
      for (const kind of [numbered(1), pair, bearer()]) {
        const credential = yield* AlicloudCredential.make(puppet(kind))
        const found = yield* Effect.promise(() => credential.getCredential())
        assertNoLeak(found)
        assertNoLeak({ ...found })
        assertNoLeak(credential)
      }
    }))

  it.scoped("writes everything out on demand, as the official model does", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudCredential.make(puppet(numbered(3)))
      const found = yield* Effect.promise(() => credential.getCredential())
      assert.deepStrictEqual(found.toMap(), {
        accessKeyId: "STS.3",
        accessKeySecret: "s3cr3t-3",
        securityToken: "s3cr3t-token-3",
        bearerToken: undefined,
        type: "ram_role_arn",
        providerName: "ram_role_arn/static_ak"
      })
    }))

  it.scoped("lets a provider's name into a header only as visible ASCII", () =>
    Effect.gen(function*() {
      const odd = Credentials.withProviderName(pair, "vault\r\nx-evil: 1/密")
      const credential = yield* AlicloudCredential.make(puppet(odd))
      const { providerName } = yield* Effect.promise(() => credential.getCredential())
      assert.strictEqual(providerName, "vault__x-evil:_1/_")
    }))

  it.scoped("answers the single getters from one session for as long as the event loop's turn lasts", () =>
    Effect.gen(function*() {
      let number = 0
      const provider = { ...puppet(), unsafeCurrent: () => numbered(++number) }
      const credential = yield* AlicloudCredential.make(provider)
      const parts = async () => [
        await credential.getAccessKeyId(),
        await credential.getAccessKeySecret(),
        await credential.getSecurityToken()
      ]
      const turn = Effect.promise(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve))))
      const seen = new Set<string | undefined>()
      for (let round = 0; round < 3; round++) {
        const all = yield* Effect.promise(() => Promise.all(Array.from({ length: 10 }, parts)))
        for (const [id = "", secret, token] of all) {
          const own = id.slice("STS.".length)
          assert.deepStrictEqual([secret, token], [`s3cr3t-${own}`, `s3cr3t-token-${own}`])
          seen.add(own)
        }
        yield* turn
      }
      assert.strictEqual(seen.size, 3)
    }))

  it.scoped("does not let the gateway signer mix two sessions", () =>
    Effect.gen(function*() {
      let number = 0
      const credential = yield* AlicloudCredential.make({ ...puppet(), unsafeCurrent: () => numbered(++number) })
      const signed = yield* Effect.promise(() => Promise.all(Array.from({ length: 20 }, () => gatewayPop(credential))))
      for (const { id, idHeader, token } of signed) {
        assert.strictEqual(id, idHeader)
        assert.strictEqual(token, `s3cr3t-token-${id.slice("STS.".length)}`)
      }
      const waiting = { ...puppet(), get: Effect.delay(Effect.sync(() => numbered(++number)), 0) }
      const late = yield* AlicloudCredential.make(waiting)
      for (const { id, token } of yield* Effect.promise(() => Promise.all([gatewayPop(late), gatewayPop(late)]))) {
        assert.strictEqual(token, `s3cr3t-token-${id.slice("STS.".length)}`)
      }
    }), { timeout: 30_000 })

  it.scoped("lets the gateway signer send a bearer token", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudCredential.make(puppet(bearer()))
      const { headers } = yield* Effect.promise(() => gatewayPop(credential))
      assert.strictEqual(headers["x-acs-bearer-token"], "s3cr3t-bearer")
    }))

  it.scoped("goes on with a new session when the old one ends", () =>
    Effect.gen(function*() {
      const credential = yield* AlicloudCredential.AlicloudCredential
      assert.strictEqual((yield* Effect.promise(() => credential.getCredential())).accessKeyId, "STS.Test1")
      yield* TestClock.adjust("2 hours")
      assert.strictEqual((yield* Effect.promise(() => credential.getCredential())).accessKeyId, "STS.Test2")
    }).pipe(Effect.provide(Layer.provide(AlicloudCredential.layer, TestCredentials.expiringIn("1 hour")))))

  it.effect("rejects with CredentialsClosed after the end of its scope, fresh or not", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const provider = puppet(numbered(1))
      const credential = yield* Scope.extend(AlicloudCredential.make(provider), scope)
      yield* Effect.promise(() => credential.getCredential())
      yield* Scope.close(scope, Exit.void)
      for (const read of [credential.getCredential(), credential.getAccessKeyId()]) {
        assert.instanceOf(yield* rejectionOf(read), CredentialsClosed.CredentialsClosed)
      }
      assert.strictEqual(provider.gets, 0)
    }))

  it.effect("rejects a read that is waiting when the scope ends", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const source = Source.fromEffect("Silent", Effect.never)
      const credential = yield* CredentialsProvider.make(source).pipe(
        Effect.flatMap(AlicloudCredential.make),
        Scope.extend(scope)
      )
      const waiting = rejectionOf(credential.getCredential())
      yield* Effect.yieldNow()
      yield* Scope.close(scope, Exit.void)
      assert.instanceOf(yield* waiting, CredentialsClosed.CredentialsClosed)
    }))
})

describe("AlicloudCredential.retryOnRejected", () => {
  const refusal = Object.assign(new Error("refused"), { code: "InvalidSecurityToken.Expired" })

  it.scoped("invalidates exactly the refused session and calls once more", () =>
    Effect.gen(function*() {
      const provider = puppet(numbered(1))
      const credential = yield* AlicloudCredential.make(provider)
      const used: Array<string> = []
      const call = async () => {
        const { accessKeyId } = await credential.getCredential()
        used.push(accessKeyId ?? "")
        // somebody else's refresh, after the request was signed
        provider.fresh = numbered(2)
        if (accessKeyId === "STS.1") throw refusal
        return accessKeyId
      }
      assert.strictEqual(yield* Effect.promise(() => credential.retryOnRejected(call)), "STS.2")
      assert.deepStrictEqual(used, ["STS.1", "STS.2"])
      assert.deepStrictEqual(provider.invalidated, [numbered(1)])
    }))

  it.scoped("calls twice at most, and answers what the second call says", () =>
    Effect.gen(function*() {
      const provider = puppet(numbered(1))
      const credential = yield* AlicloudCredential.make(provider)
      let calls = 0
      const call = async () => {
        await credential.getCredential()
        throw Object.assign(new Error(`refused ${++calls}`), { code: "SecurityTokenExpired" })
      }
      const error = yield* rejectionOf(credential.retryOnRejected(call))
      assert.instanceOf(error, Error)
      assert.strictEqual(error.message, "refused 2")
      assert.deepStrictEqual([calls, provider.invalidated.length], [2, 1])
    }))

  it.scoped("does not repeat a call that failed for another reason, or that could not get credentials", () =>
    Effect.gen(function*() {
      const provider = puppet(numbered(1))
      const credential = yield* AlicloudCredential.make(provider)
      let calls = 0
      const call = (error: unknown) => async () => {
        calls++
        await credential.getCredential()
        throw error
      }
      const denied = Object.assign(new Error("no"), { code: "NoPermission" })
      assert.strictEqual(yield* rejectionOf(credential.retryOnRejected(call(denied))), denied)
      assert.deepStrictEqual([calls, provider.invalidated.length], [1, 0])
    }))

  it.scoped("knows which of many calls at the same time used which session", () =>
    Effect.gen(function*() {
      const provider = puppet(numbered(1))
      const credential = yield* AlicloudCredential.make(provider)
      let answer = (): void => undefined
      const answered = new Promise<void>((resolve) => {
        answer = resolve
      })
      const old = credential.retryOnRejected(async () => {
        const { accessKeyId } = await credential.getCredential()
        await answered
        if (accessKeyId === "STS.1") throw refusal
        return accessKeyId
      })
      yield* Effect.promise(() => Promise.resolve())
      provider.fresh = numbered(2)
      const current = yield* Effect.promise(() =>
        credential.retryOnRejected(async () => (await credential.getCredential()).accessKeyId)
      )
      answer()
      assert.deepStrictEqual([yield* Effect.promise(() => old), current], ["STS.2", "STS.2"])
      assert.deepStrictEqual(provider.invalidated, [numbered(1)])
    }))

  it.scoped("brings a new session from a real session cache", () =>
    Effect.gen(function*() {
      let number = 0
      const provider = yield* cached(() => numbered(++number))
      const credential = yield* AlicloudCredential.make(provider)
      const answer = yield* Effect.promise(() =>
        credential.retryOnRejected(async () => {
          const found = await credential.getCredential()
          if (found.accessKeyId === "STS.1") throw refusal
          return found.securityToken
        })
      )
      assert.strictEqual(answer, "s3cr3t-token-2")
      const current = yield* provider.get
      assert.strictEqual(current._tag === "Sts" && Redacted.value(current.accessKeySecret), "s3cr3t-2")
    }))
})
