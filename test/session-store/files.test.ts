import * as FileSessionStore from "@effect-alicloud/credentials/FileSessionStore"
import { LockOwner, UserId } from "@effect-alicloud/credentials/Platform"
import type * as SessionStore from "@effect-alicloud/credentials/SessionStore"
import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import { FileSystem } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Duration, Effect, Layer, Option, Order } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import { makeFolder } from "../kit/children.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { problemsOf } from "../kit/problems.ts"
import { withEnv } from "../kit/world.ts"
import { key, session } from "./utils/session.ts"

const isRoot = process.getuid?.() === 0

const modeOf = (path: string): number => Fs.statSync(path).mode & 0o777

/** A folder that does not exist yet, and the store in it. */
const fresh = Effect.gen(function*() {
  const directory = join(yield* makeFolder("sessions-"), "cache", "alicloud-credentials")
  return { directory, file: join(directory, `${key}.json`), store: yield* FileSessionStore.make({ directory }) }
})

const idIn = (store: SessionStore.Service) =>
  Effect.map(store.get(key), (found) => Option.getOrUndefined(found)?.accessKeyId)

const onNode = Effect.provide(NodePlatform.layer)

describe("FileSessionStore", () => {
  it.scopedLive("keeps a session in a file that only its owner can read, in a folder of its own", () =>
    Effect.gen(function*() {
      const { directory, file, store } = yield* fresh
      assert.isFalse(Fs.existsSync(directory))
      assert.deepStrictEqual(yield* store.get(key), Option.none())
      assert.isFalse(Fs.existsSync(directory), "reading makes no folder")
      const stored = yield* session("one")
      yield* store.set(key, stored)
      assert.deepStrictEqual(yield* store.get(key), Option.some(stored))
      assert.strictEqual(modeOf(directory), 0o700)
      assert.strictEqual(modeOf(file), 0o600)
      assert.deepStrictEqual(Fs.readdirSync(directory), [`${key}.json`])
      const other = yield* FileSessionStore.make({ directory })
      assert.deepStrictEqual(yield* other.get(key), Option.some(stored))
      assertNoLeak(yield* other.get(key))
    }).pipe(onNode))

  it.scopedLive("removes exactly the rejected session", () =>
    Effect.gen(function*() {
      const { store } = yield* fresh
      const [old, newer] = [yield* session("old"), yield* session("newer")]
      yield* store.remove(key, old)
      yield* store.set(key, newer)
      yield* store.remove(key, old)
      assert.strictEqual(yield* idIn(store), "STS.newer")
      yield* store.remove(key, newer)
      assert.isUndefined(yield* idIn(store))
    }).pipe(onNode))

  it.scopedLive("leases a key to one holder at a time", () =>
    Effect.gen(function*() {
      const { directory, store } = yield* fresh
      const other = yield* FileSessionStore.make({ directory })
      const lease = Option.getOrThrow(yield* store.lease(key))
      assert.isTrue(Option.isNone(yield* store.lease(key)))
      assert.isTrue(Option.isNone(yield* other.lease(key)))
      assert.isTrue(Option.isSome(yield* other.lease("b".repeat(64))))
      assert.isTrue(yield* lease.renew)
      yield* lease.release(Duration.zero)
      const next = Option.getOrThrow(yield* other.lease(key))
      assert.isFalse(yield* lease.renew)
      yield* lease.release(Duration.zero)
      assert.isTrue(Option.isNone(yield* store.lease(key)), "a lease is given back by its holder only")
      yield* next.release(Duration.seconds(5))
      assert.isTrue(Option.isNone(yield* store.lease(key)))
      const lasting = Fs.statSync(join(directory, `${key}.lease`)).mtimeMs - (Date.now() - 15_000)
      assert.isAtMost(lasting, 5000)
    }).pipe(onNode))

  it.scopedLive("a lease that is old, or whose owner has ended, is taken over", () =>
    Effect.gen(function*() {
      const { directory, store } = yield* fresh
      yield* store.lease(key)
      const then = Date.now() / 1000 - 16
      Fs.utimesSync(join(directory, `${key}.lease`), then, then)
      const second = Option.getOrThrow(yield* store.lease(key))
      assert.isTrue(yield* second.renew)
      const owner = { id: "other", isDead: () => Effect.succeed(true) }
      const other = yield* Effect.provideService(FileSessionStore.make({ directory }), LockOwner, owner)
      assert.isTrue(Option.isSome(yield* other.lease(key)))
      assert.isFalse(yield* second.renew)
    }).pipe(onNode))

  it.scopedLive("sessions that have ended and what killed processes left behind are swept, foreign files stay", () =>
    Effect.gen(function*() {
      const { directory, store } = yield* fresh
      yield* store.set("b".repeat(64), yield* session("ended", -1))
      const old = Date.now() / 1000 - 120
      const left = [`${"c".repeat(64)}.lease`, `.${key}.json.alicloud-00.tmp`]
      for (const name of [...left, "notes.json"]) {
        Fs.writeFileSync(join(directory, name), "", { mode: 0o600 })
        Fs.utimesSync(join(directory, name), old, old)
      }
      const other = yield* FileSessionStore.make({ directory })
      yield* other.set(key, yield* session("one"))
      assert.deepStrictEqual(Arr.sort(Fs.readdirSync(directory), Order.string), [`${key}.json`, "notes.json"])
    }).pipe(onNode))

  const damaged: ReadonlyArray<readonly [string, (file: string) => void]> = [
    ["is empty", (file) => Fs.writeFileSync(file, "")],
    ["is no JSON", (file) => Fs.writeFileSync(file, "{\"version\":1,")],
    ["is no UTF-8", (file) => Fs.writeFileSync(file, new Uint8Array([0xff, 0xfe, 0x00]))],
    ["is of another program", (file) => Fs.writeFileSync(file, JSON.stringify({ version: 1, session: { a: 1 } }))],
    ["is of another version", (file) => Fs.writeFileSync(file, Fs.readFileSync(file, "utf8").replace("1", "2"))],
    ["has 10 MB", (file) => Fs.writeFileSync(file, " ".repeat(10_000_000))],
    ["others can read", (file) => Fs.chmodSync(file, 0o644)],
    ["belongs to another user", (file) => isRoot ? Fs.chownSync(file, 12345, 12345) : Fs.writeFileSync(file, "")],
    ["is a link that leads nowhere", (file) => {
      Fs.rmSync(file)
      Fs.symlinkSync("/nonexistent", file)
    }]
  ]

  it.scopedLive.each(damaged)(
    "a file that %s counts as absent and is replaced",
    ([, damage]) =>
      Effect.gen(function*() {
        const { file, store } = yield* fresh
        yield* store.set(key, yield* session("one"))
        damage(file)
        assert.isUndefined(yield* idIn(store))
        yield* store.remove(key, yield* session("one"))
        yield* store.set(key, yield* session("two"))
        assert.strictEqual(yield* idIn(store), "STS.two")
      }).pipe(onNode)
  )

  const unusable: ReadonlyArray<readonly [string, (directory: string) => void, string]> = [
    ["a link", (directory) => {
      Fs.mkdirSync(`${directory}-other`, { mode: 0o700 })
      Fs.symlinkSync(`${directory}-other`, directory)
    }, "is a link"],
    ["a file", (directory) => Fs.writeFileSync(directory, ""), "is not a directory"],
    ["writable by others", (directory) => {
      Fs.mkdirSync(directory)
      Fs.chmodSync(directory, 0o777)
    }, "can be written by other users of this machine"],
    ["another user's", (directory) => {
      Fs.mkdirSync(directory, { mode: 0o700 })
      if (isRoot) Fs.chownSync(directory, 12345, 12345)
      else Fs.chmodSync(directory, 0o722)
    }, isRoot ? "belongs to another user" : "can be written by other users of this machine"]
  ]

  it.scopedLive.each(unusable)(
    "a folder that is %s is refused when the layer is built",
    ([, make, problem]) =>
      Effect.gen(function*() {
        const directory = join(yield* makeFolder("sessions-"), "alicloud-credentials")
        make(directory)
        for (const user of [Option.none(), Option.fromNullable(process.getuid?.())]) {
          const error = yield* errorOf(Layer.build(FileSessionStore.layer({ directory }))).pipe(
            Effect.provideService(UserId, user)
          )
          assert.deepStrictEqual(problemsOf(error), [
            `${directory} ${problem}: it must be a folder that only you can write`
          ])
        }
        assert.deepStrictEqual((yield* FileSessionStore.contents({ directory })).problem, problem)
      }).pipe(onNode)
  )

  it.scopedLive("the folder is the one for caches, and must not depend on the working directory", () =>
    Effect.gen(function*() {
      const home = yield* makeFolder("home-")
      const directoryOf = (variables: Readonly<Record<string, string>>) =>
        Effect.map(withEnv({ HOME: home, ...variables })(FileSessionStore.contents()), ({ directory }) => directory)
      assert.strictEqual(yield* directoryOf({}), join(home, ".cache/alicloud-credentials"))
      assert.strictEqual(yield* directoryOf({ XDG_CACHE_HOME: "/var/x" }), "/var/x/alicloud-credentials")
      assert.strictEqual(yield* directoryOf({ XDG_CACHE_HOME: "x" }), join(home, ".cache/alicloud-credentials"))
      Fs.mkdirSync(join(home, "Library/Caches"), { recursive: true })
      assert.strictEqual(yield* directoryOf({}), join(home, "Library/Caches/alicloud-credentials"))
      const error = yield* errorOf(FileSessionStore.make({ directory: "sessions" }))
      assert.match(problemsOf(error)[0] ?? "", /must be an absolute path/)
    }).pipe(onNode))

  it.scopedLive("a folder that cannot be written and a full disk are failures of the store that hold no secret", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* fresh
      const failing = (reason: "PermissionDenied" | "Unknown", code: string) => ({
        ...fs,
        open: () =>
          new SystemError({ reason, module: "FileSystem", method: "open", cause: Object.assign(new Error(), { code }) })
      })
      const failures = yield* Effect.forEach(
        [failing("PermissionDenied", "EACCES"), failing("Unknown", "EROFS"), failing("Unknown", "ENOSPC")],
        (broken) =>
          Effect.gen(function*() {
            const store = yield* FileSessionStore.make({ directory })
            return (yield* errorOf(store.set(key, yield* session("one")))).detail
          }).pipe(Effect.provideService(FileSystem.FileSystem, broken))
      )
      assert.deepStrictEqual(failures, [
        `${directory}: its folder cannot be written`,
        `${directory}: its folder cannot be written`,
        `${directory}: it cannot be written (ENOSPC)`
      ])
    }).pipe(onNode))

  it.scopedLive("lists what it holds without secrets, and is cleared without touching other files", () =>
    Effect.gen(function*() {
      const { directory, store } = yield* fresh
      assert.deepStrictEqual((yield* FileSessionStore.contents({ directory })).sessions, [])
      assert.strictEqual(yield* FileSessionStore.clear({ directory }), 0)
      yield* store.set("b".repeat(64), yield* session("later", 7200))
      yield* store.set(key, yield* session("sooner"))
      yield* store.lease(key)
      Fs.writeFileSync(join(directory, "notes.json"), "{}")
      const { mode, sessions } = yield* FileSessionStore.contents({ directory })
      assert.strictEqual(mode, 0o700)
      assert.deepStrictEqual(sessions.map(({ accessKeyId }) => accessKeyId), ["STS.sooner", "STS.later"])
      assertNoLeak(sessions)
      assert.strictEqual(yield* FileSessionStore.clear({ directory }), 2)
      assert.deepStrictEqual(Fs.readdirSync(directory), ["notes.json"])
    }).pipe(onNode))
})
