import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option } from "effect"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as atomicFile from "../../packages/credentials/src/internal/login/atomicFile.ts"
import * as fileLock from "../../packages/credentials/src/internal/login/fileLock.ts"
import * as smallFile from "../../packages/credentials/src/internal/source/smallFile.ts"
import { LockOwner } from "../../packages/credentials/src/Platform.ts"
import { problem } from "../kit/lockWorld.ts"
import { isWindows, lacking } from "../kit/windows.ts"
import { makeFile } from "./utils/writers.ts"

const live = Layer.merge(NodeFileSystem.layer, NodePath.layer)

const pipe = (path: string): void => {
  execFileSync("mkfifo", [path])
}

const kinds: ReadonlyArray<readonly [kind: string, put: (path: string) => void, issue: string]> = [
  ["a named pipe", pipe, "it is not a regular file"],
  ["a link to a device without an end", (path) => Fs.symlinkSync("/dev/zero", path), "it is not a regular file"],
  ["a directory", (path) => Fs.mkdirSync(path), "it is a directory, not a file"],
  ["larger than 1 MiB", (path) => Fs.writeFileSync(path, " ".repeat(1024 * 1024 + 1)), "it is larger than 1 MiB"]
]

describe.skipIf(isWindows)(`at once fails${lacking("named pipes in folders")}`, () => {
  for (const [kind, put, issue] of kinds) {
    it.scopedLive(`reading a file that is ${kind}`, () =>
      Effect.gen(function*() {
        const { file } = yield* makeFile("")
        Fs.rmSync(file)
        put(file)
        const { read } = yield* atomicFile.make
        assert.deepStrictEqual(yield* Effect.either(read(file)), problem("failed", issue))
      }).pipe(Effect.provide(live)))

    it.scopedLive(`locking a file whose lock is ${kind}`, () =>
      Effect.gen(function*() {
        const { file, folder } = yield* makeFile("")
        put(`${file}.lock`)
        const { withLock } = yield* fileLock.make
        assert.deepStrictEqual(
          yield* Effect.either(withLock(file, () => Effect.void)),
          problem("failed", `its lock config.json.lock cannot be used: ${issue}`)
        )
        assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json", "config.json.lock"])
      }).pipe(Effect.provide(live)))

    it.scopedLive(`removing a stale lock whose mark is ${kind}`, () =>
      Effect.gen(function*() {
        const { file } = yield* makeFile("")
        Fs.writeFileSync(`${file}.lock`, JSON.stringify({ owner: "dead", token: "", created: 0 }))
        put(`${file}.lock.break`)
        const { withLock } = yield* Effect.provideService(fileLock.make, LockOwner, {
          id: "me",
          isDead: () => Effect.succeed(true)
        })
        assert.deepStrictEqual(
          yield* Effect.either(withLock(file, () => Effect.void)),
          problem("failed", `its lock config.json.lock.break cannot be used: ${issue}`)
        )
      }).pipe(Effect.provide(live)))
  }
})

describe.skipIf(isWindows)(`a file that is swapped after it was looked at${lacking("named pipes in folders")}`, () => {
  const reading = (file: string, swap: () => void) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      let looks = 0
      return smallFile.read({
        ...fs,
        stat: (path) =>
          Effect.tap(fs.stat(path), () =>
            Effect.sync(() => {
              if (looks++ === 0) swap()
            }))
      }, file)
    })

  it.scopedLive("for a device is not read", () =>
    Effect.gen(function*() {
      const { file } = yield* makeFile("text")
      const read = yield* reading(file, () => {
        Fs.rmSync(file)
        Fs.symlinkSync("/dev/zero", file)
      })
      assert.deepStrictEqual(yield* Effect.flip(read), { _tag: "Unreadable", issue: "it is not a regular file" })
    }).pipe(Effect.provide(live)))

  it.scopedLive("for a larger file is not read", () =>
    Effect.gen(function*() {
      const { file } = yield* makeFile("text")
      const read = yield* reading(file, () => Fs.truncateSync(file, 2 ** 30))
      assert.deepStrictEqual(yield* Effect.flip(read), { _tag: "Unreadable", issue: "it is larger than 1 MiB" })
    }).pipe(Effect.provide(live)))

  it.scopedLive("for a named pipe can be waited for no longer than the reader wants, and holds no thread", () =>
    Effect.gen(function*() {
      const { file } = yield* makeFile("text")
      // Node.js has four threads for files.
      for (let round = 0; round < 8; round++) {
        const read = yield* reading(file, () => {
          Fs.rmSync(file)
          pipe(file)
        })
        const fiber = yield* Effect.fork(read)
        yield* Effect.sleep("20 millis")
        yield* Fiber.interrupt(fiber)
        Fs.rmSync(file)
        Fs.writeFileSync(file, "text")
      }
      const fs = yield* FileSystem.FileSystem
      const { bytes } = yield* smallFile.read(fs, file)
      assert.strictEqual(new TextDecoder().decode(bytes), "text")
    }).pipe(Effect.provide(live)))

  it.effect("is not waited for without end, by a caller that cannot be interrupted and whatever a test's clock says", () =>
    Effect.gen(function*() {
      const late = smallFile.within(Effect.uninterruptible(Effect.never), 0.01)
      assert.isTrue(Option.isNone(yield* Effect.uninterruptible(late)))
    }))
})
