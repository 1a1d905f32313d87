import { CredentialsError } from "@effect-alicloud/credentials"
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Option, TestClock } from "effect"
import * as Fs from "node:fs"
import type { LoginWorld } from "./utils/loginWorld.ts"
import {
  get,
  now,
  oauth,
  oauthLogin,
  scenario,
  sessionIn,
  sessionOf,
  stored,
  tokens,
  tokensIn
} from "./utils/loginWorld.ts"
import { failureOf } from "./utils/secrets.ts"

const ended = { oauth_access_token_expire: now - 1 }

describe("in a folder that cannot be written", () => {
  const readOnly: LoginWorld["writeFault"] = () => "PermissionDenied"

  scenario(
    "the session is handed out, and one warning says that it could not be stored",
    { profiles: [oauth(stored(60))] },
    (world) =>
      Effect.gen(function*() {
        world.writeFault = readOnly
        const before = world.text()
        const credentials = yield* get(world)
        assert.strictEqual(sessionOf(credentials)["sts_expiration"], now + 3600)
        assert.strictEqual(world.text(), before)
        assert.strictEqual(world.logged.length, 1)
        assert.include(world.logged[0], "WARN")
        assert.include(world.logged[0], "its folder cannot be written")
        assert.include(world.logged[0], "profile \\\"default\\\"")
      })
  )

  scenario(
    "a full disk does not lose the session either",
    { profiles: [oauth(stored(60))] },
    (world) =>
      Effect.gen(function*() {
        world.writeFault = () => "WriteZero"
        const credentials = yield* get(world)
        assert.strictEqual(sessionOf(credentials)["sts_expiration"], now + 3600)
        assert.strictEqual(world.logged.length, 1)
      })
  )

  scenario(
    "nobody refreshes a token that still works",
    { profiles: [oauth({ oauth_access_token_expire: now + 1 })] },
    (world) =>
      Effect.gen(function*() {
        world.writeFault = readOnly
        yield* get(world)
        assert.deepStrictEqual(yield* world.asked, ["oauth.exchange"])
      })
  )

  scenario(
    "a token that has ended is refreshed, with one warning, and what came is used from then on",
    { profiles: [oauth(ended)] },
    (world) =>
      Effect.gen(function*() {
        world.writeFault = readOnly
        const source = yield* world.process()
        yield* source.get
        assert.strictEqual(world.logged.length, 1)
        yield* TestClock.adjust("46 minutes")
        yield* source.get
        yield* TestClock.adjust("46 minutes")
        yield* source.get
        assert.deepStrictEqual(yield* world.asked, [
          "oauth.token",
          "oauth.exchange",
          "oauth.exchange",
          "oauth.token",
          "oauth.exchange"
        ])
        assert.strictEqual((yield* world.cloud.oauthLogin("alice"))?.refreshes, 2)
        assert.isFalse((yield* world.cloud.oauthLogin("alice"))?.revoked)
        assert.strictEqual(world.profile()["oauth_refresh_token"], "s3cr3t-refresh-0")
      })
  )

  scenario(
    "those who ask at the same time share one refresh",
    { profiles: [oauth(ended)] },
    (world) =>
      Effect.gen(function*() {
        world.writeFault = readOnly
        const source = yield* world.process()
        const all = yield* Effect.all(Array.from({ length: 20 }, () => source.get), { concurrency: "unbounded" })
        assert.deepStrictEqual(yield* world.asked, ["oauth.token", "oauth.exchange"])
        assert.strictEqual(new Set(all.map((credentials) => sessionOf(credentials)["sts_token"])).size, 1)
      })
  )

  scenario("what came is stored as soon as it can be", { profiles: [oauth(ended)] }, (world) =>
    Effect.gen(function*() {
      world.writeFault = readOnly
      const source = yield* world.process()
      yield* source.get
      world.writeFault = () => undefined
      yield* TestClock.adjust("46 minutes")
      const credentials = yield* source.get
      assert.deepStrictEqual(tokensIn(world.profile()), yield* tokens(world))
      assert.deepStrictEqual(sessionIn(world.profile()), sessionOf(credentials))
      yield* TestClock.adjust("60 minutes")
      const next = sessionOf(yield* get(world))
      assert.deepStrictEqual(sessionIn(world.profile()), next)
    }))

  scenario("a login of somebody else that appears there counts", {
    profiles: [oauth(ended)],
    cloud: { oauthLogins: [oauthLogin, { userName: "bob", refreshToken: "s3cr3t-of-bob" }] }
  }, (world) =>
    Effect.gen(function*() {
      world.writeFault = readOnly
      const source = yield* world.process()
      yield* source.get
      world.setProfiles(oauth({ ...ended, oauth_refresh_token: "s3cr3t-of-bob" }))
      yield* source.get
      assert.strictEqual((yield* world.cloud.oauthLogin("alice"))?.exchanges, 1)
      assert.strictEqual((yield* world.cloud.oauthLogin("bob"))?.exchanges, 1)
    }))

  scenario(
    "a newer session that appears there is used instead of the one that could not be stored",
    { profiles: [oauth()] },
    (world) =>
      Effect.gen(function*() {
        world.writeFault = readOnly
        const source = yield* world.process()
        yield* source.get
        world.setProfiles(oauth(stored(3000)))
        assert.deepStrictEqual(sessionOf(yield* source.get), stored(3000))
      })
  )
})

describe("a file that cannot be replaced", () => {
  scenario(
    "costs no login: the next write has what this one had",
    { profiles: [oauth(ended)] },
    (world) =>
      Effect.gen(function*() {
        let failing = 1
        world.writeFault = (method, path) =>
          method === "rename" && path === world.file && failing-- > 0 ? "Busy" : undefined
        const credentials = yield* get(world)
        assert.strictEqual(world.logged.length, 1)
        assert.deepStrictEqual(tokensIn(world.profile()), yield* tokens(world))
        assert.deepStrictEqual(sessionIn(world.profile()), sessionOf(credentials))
      })
  )

  /** There is room for the lock only. */
  const full: LoginWorld["writeFault"] = (method, path) =>
    method === "open" && !path.includes(".lock") ? "WriteZero" : undefined

  scenario(
    "is found out before a token that still works is refreshed",
    { profiles: [oauth({ oauth_access_token_expire: now + 600 })] },
    (world) =>
      Effect.gen(function*() {
        world.writeFault = full
        const before = world.text()
        yield* get(world)
        assert.deepStrictEqual(yield* world.asked, ["oauth.exchange"])
        assert.strictEqual(world.text(), before)
        assert.strictEqual(world.logged.length, 1)
        world.writeFault = () => undefined
        yield* get(world)
        assert.deepStrictEqual(yield* world.asked, ["oauth.exchange", "oauth.token", "oauth.exchange"])
        assert.deepStrictEqual(tokensIn(world.profile()), yield* tokens(world))
      })
  )

  scenario(
    "because a folder has the name of its lock is warned about with that reason",
    { profiles: [oauth()] },
    (world) =>
      Effect.gen(function*() {
        Fs.mkdirSync(`${world.file}.lock`)
        yield* get(world)
        assert.strictEqual(world.logged.length, 1)
        assert.include(world.logged[0], "config.json.lock cannot be used: it is a directory")
        assert.notInclude(world.logged[0], "its folder cannot be written")
        Fs.rmdirSync(`${world.file}.lock`)
      })
  )

  scenario("does not keep the session back", { profiles: [oauth(ended)] }, (world) =>
    Effect.gen(function*() {
      const before = world.text()
      world.writeFault = (method, path) => method === "rename" && path === world.file ? "Unknown" : undefined
      const credentials = yield* get(world)
      assert.strictEqual(sessionOf(credentials)["sts_expiration"], now + 3600)
      assert.strictEqual(world.text(), before)
    }))

  scenario("because somebody else holds its lock is an error that says so, and nobody is asked", {
    profiles: [oauth(ended)]
  }, (world) =>
    Effect.gen(function*() {
      const lock = `${world.file}.lock`
      Fs.writeFileSync(lock, JSON.stringify({ owner: "somebody", token: "00", created: 0 }))
      Fs.utimesSync(lock, now, now)
      const waiting = yield* Effect.fork(failureOf(get(world)))
      for (let second = 0; Option.isNone(yield* Fiber.poll(waiting)); second++) {
        Fs.utimesSync(lock, now + second, now + second)
        yield* TestClock.adjust("1 seconds")
      }
      const error = yield* waiting
      assert.instanceOf(error, CredentialsError.SourceFailed)
      assert.strictEqual(error.reason, "File")
      assert.isTrue(error.retryable)
      assert.include(error.message, "locked by another process")
      assert.deepStrictEqual(yield* world.asked, [])
      Fs.rmSync(lock)
    }))
})
