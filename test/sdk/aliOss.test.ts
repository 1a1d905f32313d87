import { Credentials, CredentialsError } from "@effect-alicloud/credentials"
import { CredentialsClosed, OssCredentials } from "@effect-alicloud/sdk"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Fiber, Scope, TestClock } from "effect"
import { assertNoLeak } from "../kit/leaks.ts"
import { cached, numbered, pair, puppet } from "../kit/sessions.ts"
import { oss } from "./utils/clients.ts"
import { rejectionOf, role, scenario, type World } from "./utils/scenario.ts"

const name = "a b/報告+1.txt"

const rotate = ({ provider }: World) => Effect.flatMap(provider.get, provider.invalidate)

/** What a browser would do with a signed URL of this cloud. */
const fetchUrl = (
  { httpUrl }: World,
  url: string
): Effect.Effect<{ readonly status: number; readonly text: string }> => {
  const { host, pathname, search } = new URL(url)
  return Effect.promise(async () => {
    const { request } = await import("node:http")
    return await new Promise((resolve, reject) => {
      request(`${httpUrl}${pathname}${search}`, { headers: { host } }, (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk
        }).on("end", () => resolve({ status: response.statusCode ?? 0, text }))
      }).on("error", reject).end()
    })
  })
}

const versions = [{ authorizationV4: false }, { authorizationV4: true }]

describe("ali-oss", () => {
  for (const options of versions) {
    const version = options.authorizationV4 ? "version 4" : "version 1"

    scenario(`puts and gets with a session, ${version}`, role, (world) =>
      Effect.gen(function*() {
        const client = oss(world, yield* OssCredentials.make(world.provider), options)
        yield* Effect.promise(() => client.put(name, Buffer.from("hello 你好")))
        const { content } = yield* Effect.promise(() => client.get(name))
        assert.strictEqual(String(content), "hello 你好")
        yield* Effect.promise(() => client.delete(name))
        assert.deepStrictEqual(
          (yield* world.calls).map(({ accessKeyId, method, status }) => [method, status, accessKeyId]),
          [["PUT", 200, "STS.Fake0001"], ["GET", 200, "STS.Fake0001"], ["DELETE", 204, "STS.Fake0001"]]
        )
      }))

    scenario(
      `puts and gets with a pair, ${version}`,
      { ...role, type: "access_key" },
      (world) =>
        Effect.gen(function*() {
          const client = oss(world, yield* OssCredentials.make(world.provider), options)
          yield* Effect.promise(() => client.put(name, Buffer.from("hello")))
          assert.strictEqual(String((yield* Effect.promise(() => client.get(name))).content), "hello")
          assert.deepStrictEqual((yield* world.calls).map(({ accessKeyId }) => accessKeyId), ["LTAI5tCi", "LTAI5tCi"])
        })
    )

    scenario(
      `uploads 50 objects at once while the session rotates, ${version}`,
      role,
      (world) =>
        Effect.gen(function*() {
          const client = oss(world, yield* OssCredentials.make(world.provider), options)
          const upload = (number: number) =>
            Effect.promise(() => client.put(`object-${number}`, Buffer.from(`content ${number}`)))
          const uploads: Array<Fiber.Fiber<unknown>> = []
          while (uploads.length < 50) {
            for (let more = 0; more < 10; more++) uploads.push(yield* Effect.fork(upload(uploads.length)))
            yield* rotate(world)
          }
          yield* Fiber.joinAll(uploads)
          const calls = yield* world.calls
          assert.deepStrictEqual([...new Set(calls.map(({ code, status }) => code ?? status))], [200])
          assert.strictEqual(calls.length, 50)
          assert.isAtLeast(new Set(calls.map(({ accessKeyId }) => accessKeyId)).size, 3)
        })
    )
  }

  scenario(
    "does not upload with a session that has expired, nor with one that ends on the way",
    role,
    (world) =>
      Effect.gen(function*() {
        yield* world.cloud.setFaults([{ endpoint: "sts.AssumeRole", kind: "expiresInSeconds", seconds: 60 }])
        const client = oss(world, yield* OssCredentials.make(world.provider))
        for (let wave = 0; wave < 10; wave++) {
          const uploads = Array.from(
            { length: 5 },
            (_, number) => Effect.promise(() => client.put(`${wave}-${number}`, Buffer.from("x")))
          )
          yield* Effect.all([...uploads, TestClock.adjust("4 seconds")], { concurrency: "unbounded", discard: true })
          yield* TestClock.adjust("13 seconds")
        }
        const calls = yield* world.calls
        assert.deepStrictEqual([...new Set(calls.map(({ code, status }) => code ?? status))], [200])
        assert.strictEqual(calls.length, 50)
        assert.isAtLeast(new Set(calls.map(({ accessKeyId }) => accessKeyId)).size, 3)
      })
  )

  scenario(
    "signs URLs with the session that is current, in both versions and all three ways",
    role,
    (world) =>
      Effect.gen(function*() {
        const credentials = yield* OssCredentials.make(world.provider)
        const client = oss(world, credentials)
        yield* Effect.promise(() => client.put(name, Buffer.from("hello")))
        for (let round = 0; round < 3; round++) {
          const urls = [
            client.signatureUrl(name),
            yield* Effect.promise(() => client.asyncSignatureUrl(name)),
            yield* Effect.promise(() => client.signatureUrlV4("GET", 600, {}, name))
          ]
          for (const url of urls) assert.deepStrictEqual(yield* fetchUrl(world, url), { status: 200, text: "hello" })
          yield* rotate(world)
          // another reader brings the new session
          yield* world.provider.get
        }
        assert.deepStrictEqual(
          (yield* world.calls).filter(({ method }) => method === "GET").map(({ accessKeyId }) =>
            accessKeyId?.slice(-1)
          ),
          ["1", "1", "1", "2", "2", "2", "3", "3", "3"]
        )
      })
  )

  scenario(
    "signs URLs with a new session after a pause, when it was refreshed before",
    role,
    (world) =>
      Effect.gen(function*() {
        const credentials = yield* OssCredentials.make(world.provider)
        const client = oss(world, credentials)
        yield* Effect.promise(() => client.put(name, Buffer.from("hello")))
        yield* rotate(world)
        yield* Effect.promise(() => credentials.refresh(client))
        const urls = [
          client.signatureUrl(name),
          yield* Effect.promise(() => client.signatureUrlV4("GET", 60, {}, name))
        ]
        for (const url of urls) assert.strictEqual((yield* fetchUrl(world, url)).status, 200)
        assert.strictEqual((yield* world.calls).at(-1)?.accessKeyId, "STS.Fake0002")
      })
  )

  scenario(
    "is refused once, and uploads after the refused session was replaced",
    role,
    (world) =>
      Effect.gen(function*() {
        const credentials = yield* OssCredentials.make(world.provider)
        const client = oss(world, credentials)
        yield* world.cloud.setFaults([
          { endpoint: "oss", kind: "error", status: 403, code: "SecurityTokenExpired", times: 1 }
        ])
        yield* Effect.promise(() => credentials.retryOnRejected(() => client.put(name, Buffer.from("hello"))))
        assert.deepStrictEqual(
          (yield* world.calls).map(({ accessKeyId, code }) => [accessKeyId, code]),
          [["STS.Fake0001", "SecurityTokenExpired"], ["STS.Fake0002", undefined]]
        )
      })
  )

  scenario(
    "gets the typed error when the session has ended and there is no new one",
    role,
    (world) =>
      Effect.gen(function*() {
        yield* world.cloud.setFaults([
          { endpoint: "sts.AssumeRole", kind: "expiresInSeconds", seconds: 1, times: 1 },
          { endpoint: "sts.AssumeRole", kind: "error", status: 403, code: "NoPermission", after: 1 }
        ])
        const client = oss(world, yield* OssCredentials.make(world.provider))
        yield* Effect.promise(() => client.put(name, Buffer.from("hello")))
        yield* TestClock.adjust("2 seconds")
        const error = yield* rejectionOf(client.put(name, Buffer.from("hello")))
        assert.instanceOf(error, CredentialsError.SourceFailed)
        assert.strictEqual(error.code, "NoPermission")
        assertNoLeak(error)
        assert.strictEqual((yield* world.calls).length, 1)
      })
  )
})

describe("OssCredentials", () => {
  it.scoped("returns the documented options, in which no secret shows", () =>
    Effect.gen(function*() {
      const { options } = yield* OssCredentials.make(yield* cached(() => numbered(1)))
      const { refreshSTSToken, ...plain } = { ...options }
      assert.deepStrictEqual(plain, {
        accessKeyId: "STS.1",
        accessKeySecret: "s3cr3t-1",
        stsToken: "s3cr3t-token-1",
        refreshSTSTokenInterval: 0
      })
      assert.deepStrictEqual(yield* Effect.promise(() => refreshSTSToken()), {
        accessKeyId: "STS.1",
        accessKeySecret: "s3cr3t-1",
        stsToken: "s3cr3t-token-1"
      })
      assertNoLeak(options)
    }))

  it.scoped("answers the hook with an empty token for a pair, never with a key missing", () =>
    Effect.gen(function*() {
      const { options } = yield* OssCredentials.make(yield* cached(() => pair))
      assert.deepStrictEqual(yield* Effect.promise(() => options.refreshSTSToken()), {
        accessKeyId: "LTAI5tPair",
        accessKeySecret: "s3cr3t-pair",
        stsToken: ""
      })
    }))

  it.scoped("fails when it is made without credentials, or with those that ali-oss does not know", () =>
    Effect.gen(function*() {
      const kinds = [
        Credentials.anonymous({ providerName: "nobody" }),
        Credentials.bearer({ providerName: "bearer", bearerToken: "s3cr3t-bearer" })
      ]
      for (const kind of kinds) {
        const provider = puppet()
        provider.answer = Effect.succeed(kind)
        const error = yield* Effect.flip(OssCredentials.make(provider))
        assert.instanceOf(error, CredentialsError.InvalidConfig)
        assertNoLeak(error)
      }
      const broken = puppet()
      broken.answer = Effect.fail(new CredentialsError.NoCredentials({ attempts: [] }))
      assert.instanceOf(yield* Effect.flip(OssCredentials.make(broken)), CredentialsError.NoCredentials)
    }))

  it.scoped("rejects a hook when a session turned into a bearer token", () =>
    Effect.gen(function*() {
      const provider = puppet(numbered(1))
      provider.answer = Effect.succeed(numbered(1))
      const { options } = yield* OssCredentials.make(provider)
      provider.fresh = undefined
      provider.answer = Effect.succeed(Credentials.bearer({ providerName: "bearer", bearerToken: "s3cr3t-bearer" }))
      const error = yield* rejectionOf(options.refreshSTSToken())
      assert.instanceOf(error, CredentialsError.InvalidConfig)
      assertNoLeak(error)
    }))

  it.scoped("keeps a client of a pair that ends on the current pair, once it was refreshed", () =>
    Effect.gen(function*() {
      const ending = (number: number) =>
        Credentials.accessKey({
          type: "rsa_key_pair",
          providerName: "rsa_key_pair",
          accessKeyId: `TMP.${number}`,
          accessKeySecret: `s3cr3t-${number}`,
          expiration: DateTime.unsafeMake(number * 3_600_000)
        })
      const provider = puppet(ending(1))
      provider.answer = Effect.succeed(ending(1))
      const credentials = yield* OssCredentials.make(provider)
      const client = { options: { ...credentials.options, region: "oss-cn-hangzhou" } }
      yield* Effect.promise(() => credentials.refresh(client))
      provider.fresh = ending(2)
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve))))
      const { accessKeyId, accessKeySecret, stsToken } = client.options
      assert.deepStrictEqual([accessKeyId, accessKeySecret, stsToken], ["TMP.2", "s3cr3t-2", ""])
    }))

  it.effect("rejects with CredentialsClosed after the end of its scope", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { options } = yield* Effect.flatMap(cached(() => numbered(1)), OssCredentials.make).pipe(
        Scope.extend(scope)
      )
      yield* Scope.close(scope, Exit.void)
      assert.instanceOf(yield* rejectionOf(options.refreshSTSToken()), CredentialsClosed.CredentialsClosed)
    }))
})
