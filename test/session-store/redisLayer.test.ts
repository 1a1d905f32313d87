/** What is known of a Redis server when the layer is built, and that nothing secret shows in it. */
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as RedisSessionStore from "@effect-alicloud/redis/RedisSessionStore"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Layer, Option, Redacted, Schedule } from "effect"
import { Redis } from "ioredis"
import { errorOf } from "../kit/leaks.ts"
import * as redisServer from "../kit/redisServer.ts"
import { collectLogs } from "../kit/upstream.ts"
import { untyped } from "../kit/world.ts"

const secret = Redacted.make("s3cr3t-0123456789")

const key = "a".repeat(64)

const problem = (config: RedisSessionStore.Config): Effect.Effect<string> =>
  Effect.map(
    Effect.scoped(errorOf(RedisSessionStore.make(config))),
    (error: InvalidConfig) => error.message.replaceAll(/127\.0\.0\.1:\d+/g, "HOST")
  )

const builds = (config: RedisSessionStore.Config): Effect.Effect<void, InvalidConfig> =>
  Effect.scoped(Effect.asVoid(RedisSessionStore.make(config)))

const url = "redis://127.0.0.1:1"

const urlProblem =
  "RedisSessionStore is misconfigured in option url: it must be redis:// or rediss:// with a host, and " +
  "may have user:password, a port and the number of a database, such as " +
  "rediss://user:password@cache.example.com:6379/0; percent-encode special characters of the password."

const wrong: ReadonlyArray<readonly [string, object, string]> = [
  ["no URL", { secret }, "RedisSessionStore is misconfigured in options url and client: set one of them."],
  ["a URL of something else", { secret, url: "http://:s3cr3t@127.0.0.1" }, urlProblem],
  ["an unreadable URL", { secret, url: Redacted.make("redis://:s3cr3t#1@127.0.0.1") }, urlProblem],
  [
    "a URL that is no text",
    { secret, url: 6379 },
    "RedisSessionStore is misconfigured in its options: url must be a string or a Redacted string, not number."
  ],
  ["no secret", { url }, "RedisSessionStore is misconfigured in options secret and secrets: set one of them."],
  [
    "both kinds of secrets",
    { url, secret, secrets: [secret] },
    "RedisSessionStore is misconfigured in options secret and secrets: set one of them."
  ],
  [
    "a secret of 15 bytes",
    { url, secret: Redacted.make("s3cr3t-89012345\n") },
    "RedisSessionStore is misconfigured in its options: secret must be a Redacted string of at least 16 bytes."
  ],
  [
    "a secret in plain text",
    { url, secret: "s3cr3t-0123456789" },
    "RedisSessionStore is misconfigured in its options: secret must be a Redacted string of at least 16 bytes, not string."
  ],
  [
    "a client that is none",
    { client: { url: "s3cr3t" }, secret },
    "RedisSessionStore is misconfigured in its options: client must be a client of ioredis: a Redis or a Cluster, " +
    "not object."
  ],
  [
    "certificates for a URL without TLS",
    { url, secret, ca: "PEM" },
    "RedisSessionStore is misconfigured in option ca: it needs a URL that starts with rediss://."
  ]
]

describe("the options of RedisSessionStore", () => {
  for (const [title, config, message] of wrong) {
    it.effect(`cannot be ${title}`, () =>
      Effect.map(problem(untyped(config)), (text) => assert.strictEqual(text, message)))
  }

  it.effect("may be Config values", () =>
    Effect.gen(function*() {
      const layer = RedisSessionStore.layerConfig({
        url: Config.redacted("REDIS_URL"),
        secret: Config.redacted("SESSION_SECRET")
      })
      const variables = ConfigProvider.fromMap(new Map([["REDIS_URL", "redis://:s3cr3t@127.0.0.1:1"]]))
      const error = yield* errorOf(Effect.withConfigProvider(Effect.scoped(Layer.build(layer)), variables))
      assert.strictEqual(
        error.message,
        "RedisSessionStore is misconfigured in SESSION_SECRET: SESSION_SECRET is not set."
      )
    }))
})

describe.skipIf(redisServer.isMissing)(`a layer over a real Redis${redisServer.reason}`, () => {
  it.scopedLive("builds with a server, with a database of it, and with a password", () =>
    Effect.gen(function*() {
      const open = yield* redisServer.make()
      const closed = yield* redisServer.make(["--requirepass", "s3cr3t:/1"])
      yield* builds({ url: open.url, secret })
      yield* builds({ url: `${open.url}/15`, secret })
      yield* builds({ url: Redacted.make(closed.url.replace("//", "//:s3cr3t%3A%2F1@")), secret })
    }))

  it.scopedLive("says that the password is missing or wrong, or that there is no such database", () =>
    Effect.gen(function*() {
      const { url } = yield* redisServer.make(["--requirepass", "s3cr3t"])
      const where = "RedisSessionStore is misconfigured in option url: Redis at redis://HOST"
      assert.strictEqual(yield* problem({ url, secret }), `${where} requires a password.`)
      const rejected = `${where} rejects the user name or password.`
      assert.strictEqual(yield* problem({ url: url.replace("//", "//:s3cr3t1@"), secret }), rejected)
      assert.strictEqual(yield* problem({ url: url.replace("//", "//s3cr3tUser:s3cr3t@"), secret }), rejected)
      const noDatabase = `${where} does not have this database.`
      assert.strictEqual(yield* problem({ url: `${url.replace("//", "//:s3cr3t@")}/16`, secret }), noDatabase)
    }))

  it.scopedLive("says that TLS is used on one side only, or that the certificate is not trusted", () =>
    Effect.gen(function*() {
      const certificate = yield* redisServer.makeCertificate
      const open = yield* redisServer.make()
      const encrypted = yield* redisServer.make([], certificate)
      const where = "RedisSessionStore is misconfigured in option url"
      const [plain, tls, untrusted] = yield* Effect.all([
        problem({ url: open.url.replace("redis:", "rediss:"), secret }),
        problem({ url: encrypted.url.replace("rediss:", "redis:"), secret }),
        problem({ url: encrypted.url, secret })
      ], { concurrency: 3 })
      assert.strictEqual(plain, `${where}: this Redis does not use TLS; the URL must start with redis://.`)
      assert.strictEqual(tls, `${where}: this Redis uses TLS; the URL must start with rediss://.`)
      assert.strictEqual(
        untrusted,
        `${where}: the certificate of Redis at rediss://HOST is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT).`
      )
      yield* builds({ url: encrypted.url, ca: certificate.pem, secret })
    }))

  it.scopedLive("works for a user with the permissions of the README, and names a missing one", () =>
    Effect.gen(function*() {
      const permissions = "~alicloud-credentials:* +getrange +get +set +eval +pexpire +pttl"
      const users = `--user app on >s3cr3t ${permissions} --user reader on >s3cr3t ${permissions} -set`
      const { url } = yield* redisServer.make(users.split(" "))
      yield* builds({ url: url.replace("//", "//app:s3cr3t@"), secret })
      const denied = "Redis denies its user a permission; the README of @effect-alicloud/redis lists those it needs."
      const where = "RedisSessionStore is misconfigured in option"
      const reader = url.replace("//", "//reader:s3cr3t@")
      assert.strictEqual(yield* problem({ url: reader, secret }), `${where} url: ${denied}`)
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => new Redis(reader, { enableReadyCheck: false })),
        (client) => Effect.sync(() => client.disconnect())
      )
      assert.strictEqual(yield* problem({ client, secret }), `${where} client: ${denied}`)
    }))

  it.scopedLive("builds in bounded time when the server is down or hangs, without a word", () =>
    Effect.gen(function*() {
      const server = yield* redisServer.make()
      yield* server.pause
      const { logs, withLogs } = collectLogs()
      const start = performance.now()
      const use = (url: string) =>
        Effect.scoped(Effect.flatMap(RedisSessionStore.make({ url, secret }), (store) => errorOf(store.get(key))))
      const [down, hanging, unknown] = yield* withLogs(
        Effect.all([use("redis://127.0.0.1:1"), use(server.url), use("redis://nosuch.invalid")], { concurrency: 3 })
      )
      assert.isBelow(performance.now() - start, 5000)
      assert.strictEqual(down.message, "Redis at redis://127.0.0.1:1 cannot be reached (ECONNREFUSED)")
      assert.strictEqual(hanging.message, `Redis at ${server.url} does not answer`)
      assert.match(
        unknown.message,
        /^Redis at redis:\/\/nosuch\.invalid:6379 cannot be reached \((ENOTFOUND|EAI_AGAIN)\)$/
      )
      assert.deepStrictEqual(logs, [])
    }))

  it.scopedLive("closes its own connection with its scope, and leaves a client of the user's open", () =>
    Effect.gen(function*() {
      const { url } = yield* redisServer.make()
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => new Redis(url)),
        (client) => Effect.sync(() => client.disconnect())
      )
      const clients = Effect.promise(async () => (await client.client("LIST") as string).trim().split("\n").length)
      yield* Effect.scoped(Effect.gen(function*() {
        const store = yield* RedisSessionStore.make({ url, secret })
        assert.deepStrictEqual(yield* store.get(key), Option.none())
        assert.strictEqual(yield* clients, 2)
      }))
      yield* Effect.repeat(clients, { until: (count) => count === 1, schedule: Schedule.spaced("10 millis") })
      yield* builds({ client, secret })
      assert.strictEqual(client.status, "ready")
      assert.deepStrictEqual(yield* Effect.promise(() => client.keys("*")), [])
    }))
})
