import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { once } from "node:events"
import * as Fs from "node:fs"
import { createInterface } from "node:readline"
import { Worker } from "node:worker_threads"
import * as fileLock from "../../packages/credentials/src/internal/login/fileLock.ts"
import { LockOwner } from "../../packages/credentials/src/Platform.ts"
import * as lockOwner from "../../packages/node/src/internal/lockOwner.ts"
import { bundle, makeFile } from "./utils/writers.ts"

const live = Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, Layer.sync(LockOwner, lockOwner.make))

/** A worker thread that holds the lock without end. */
const holder = (script: string, file: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const worker = new Worker(script, { argv: [file], stdin: true, stdout: true })
      const lines = createInterface({ input: worker.stdout })
      await once(lines, "line")
      worker.stdin?.write("hold\n")
      await once(lines, "line")
      return worker
    }),
    (worker) => Effect.promise(() => worker.terminate())
  )

describe("a lock that a worker thread holds", () => {
  it.scopedLive("is kept while the thread runs, and free at once when it was terminated", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("{}")
      const worker = yield* holder(yield* bundle, file)
      const lock = yield* fileLock.make
      const locked = yield* Effect.flip(lock.withLock(file, () => Effect.void, { wait: "300 millis" }))
      assert.strictEqual(locked.reason, "locked")
      yield* Effect.promise(() => worker.terminate())
      // Only Linux tells that a thread has ended; elsewhere the lock has to be old.
      const wait = process.platform === "linux" ? "5 seconds" : "30 seconds"
      assert.strictEqual(yield* lock.withLock(file, () => Effect.succeed("in"), { wait }), "in")
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
    }).pipe(Effect.provide(live)), 60_000)
})
