import { LockOwner } from "@effect-alicloud/credentials/Platform"
import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { hostname } from "node:os"
import * as lockOwner from "../src/internal/lockOwner.ts"

type Parts = [host: string, boot: string, namespace: string, pid: number, thread: number, start: string]

const partsOf = (id: string): Parts => JSON.parse(id) as Parts

/** The number of a process that has ended. */
const endedPid = Effect.async<number>((resume) => {
  const child = spawn(process.execPath, ["-e", ""])
  child.on("close", () => resume(Effect.succeed(child.pid ?? 0)))
})

describe("the owner of locks on Node.js", () => {
  const { id, isDead } = lockOwner.make()
  const [host, boot, namespace, pid, thread, start] = partsOf(id)

  it("is this process and this thread", () => {
    assert.strictEqual(host, hostname())
    assert.strictEqual(pid, process.pid)
    assert.isAtLeast(thread, 0)
    assert.strictEqual(lockOwner.make().id, id)
  })

  it.live("is dead when its process has ended", () =>
    Effect.gen(function*() {
      const ended = yield* endedPid
      assert.isTrue(yield* isDead(JSON.stringify([host, boot, namespace, ended, thread, start])))
      assert.isTrue(yield* isDead(JSON.stringify([host, boot, namespace, ended, thread, ""])))
    }))

  it.live("is not dead when its process runs", () =>
    Effect.gen(function*() {
      assert.isFalse(yield* isDead(id))
      assert.isFalse(yield* isDead(JSON.stringify([host, boot, namespace, process.ppid, process.ppid, ""])))
    }))

  it.live("is not dead when it may run elsewhere: on another host, before a restart, in another container", () =>
    Effect.gen(function*() {
      const ended = yield* endedPid
      assert.isFalse(yield* isDead(JSON.stringify([`${host}x`, boot, namespace, ended, thread, start])))
      assert.isFalse(yield* isDead(JSON.stringify([host, `${boot}x`, namespace, ended, thread, start])))
      assert.isFalse(yield* isDead(JSON.stringify([host, boot, `${namespace}x`, ended, thread, start])))
    }))

  it.live("is dead when another process has its number", () =>
    Effect.gen(function*() {
      // Only Linux tells when a process has started.
      assert.strictEqual(yield* isDead(JSON.stringify([host, boot, namespace, pid, thread, "1"])), start !== "")
    }))

  it.live("is not considered dead when its process is unknown", () =>
    Effect.gen(function*() {
      const ids = ["", "0123456789abcdef", "{}", "[]", JSON.stringify([host, boot, namespace, "1", 1, ""])]
      const numbers = [0, -1, 1.5].map((number) => JSON.stringify([host, boot, namespace, number, 1, ""]))
      for (const id of [...ids, ...numbers]) assert.isFalse(yield* isDead(id), id)
    }))

  it.effect("comes with the platform", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* LockOwner).id, id)
    }).pipe(Effect.provide(NodePlatform.layer)))

  it.effect("is random and never known to be dead without a platform", () =>
    Effect.gen(function*() {
      const owner = yield* LockOwner
      assert.match(owner.id, /^[0-9a-f]{32}$/)
      assert.strictEqual((yield* LockOwner).id, owner.id)
      assert.isFalse(yield* owner.isDead(id))
    }))
})
