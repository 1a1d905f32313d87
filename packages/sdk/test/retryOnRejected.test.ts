import { Credentials, CredentialsProvider } from "@effect-alicloud/credentials"
import { AlicloudCredential, Rejection } from "@effect-alicloud/sdk"
import { assert, describe, it } from "@effect/vitest"
import { Data, Effect } from "effect"
import { cached, numbered, puppet } from "../../../test/kit/sessions.ts"

class ApiError extends Data.TaggedError("ApiError")<{ readonly code: string; readonly session: string }> {}

const provider = () => {
  let number = 0
  return cached(() => numbered(++number))
}

/** A call that the service answers only for one session. */
const call = (accepted: string, code = "InvalidSecurityToken.Expired") =>
  Effect.gen(function*() {
    const { get } = yield* CredentialsProvider.CredentialsProvider
    const credentials = yield* get
    const session = credentials._tag === "Sts" ? credentials.accessKeyId : ""
    return session === accepted ? session : yield* new ApiError({ code, session })
  })

describe("Rejection.retryOnRejected", () => {
  it.scoped("invalidates the rejected session and repeats the effect with a new one", () =>
    Effect.gen(function*() {
      const service = yield* provider()
      assert.strictEqual(yield* Rejection.retryOnRejected(service)(call("STS.2")), "STS.2")
    }))

  it.scoped("repeats once only, and fails as the second run did", () =>
    Effect.gen(function*() {
      const service = yield* provider()
      const error = yield* Effect.flip(Rejection.retryOnRejected(service)(call("STS.3")))
      assert.deepInclude(error, { _tag: "ApiError", session: "STS.2" })
    }))

  it.scoped("does not repeat an effect that failed for another reason", () =>
    Effect.gen(function*() {
      const service = yield* provider()
      const error = yield* Effect.flip(Rejection.retryOnRejected(service)(call("STS.2", "NoPermission")))
      assert.deepInclude(error, { _tag: "ApiError", session: "STS.1" })
      assert.deepStrictEqual(yield* service.get, numbered(1))
    }))

  it.effect("invalidates the credentials that the effect used, not those that are current when it fails", () =>
    Effect.gen(function*() {
      const service = puppet(numbered(1))
      service.answer = Effect.succeed(numbered(1))
      const refused = Effect.gen(function*() {
        const { get } = yield* CredentialsProvider.CredentialsProvider
        yield* get
        service.fresh = numbered(2)
        service.answer = Effect.succeed(numbered(2))
        return yield* new ApiError({ code: "SecurityTokenExpired", session: "" })
      })
      yield* Effect.flip(Rejection.retryOnRejected(service)(refused))
      assert.deepStrictEqual(service.invalidated, [numbered(1)])
    }))

  it.scoped("takes the session that was current for the one of a client with a bridge inside", () =>
    Effect.gen(function*() {
      const service = yield* provider()
      const credential = yield* AlicloudCredential.make(service)
      const request = Effect.tryPromise(async () => {
        const { accessKeyId } = await credential.getCredential()
        if (accessKeyId === "STS.1") throw new ApiError({ code: "InvalidAccessKeyId.NotFound", session: "STS.1" })
        return accessKeyId
      })
      assert.strictEqual(yield* Rejection.retryOnRejected(service)(request), "STS.2")
    }))

  it.effect("repeats without a rejected value when the effect read none", () =>
    Effect.gen(function*() {
      const service = puppet()
      let runs = 0
      const effect = Effect.suspend(() =>
        ++runs === 1 ? Effect.fail({ code: "InvalidBearerToken" }) : Effect.succeed("done")
      )
      assert.strictEqual(yield* Rejection.retryOnRejected(service)(effect), "done")
      assert.deepStrictEqual([service.invalidated, service.gets], [[], 0])
    }))

  it.scoped("leaves an effect that succeeds alone", () =>
    Effect.gen(function*() {
      const service = yield* cached(() => Credentials.anonymous({ providerName: "nobody" }))
      assert.strictEqual(yield* Rejection.retryOnRejected(service)(Effect.succeed(1)), 1)
    }))
})
