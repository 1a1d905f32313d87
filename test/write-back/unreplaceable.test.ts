import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import { join } from "node:path"
import * as atomicFile from "../../packages/credentials/src/internal/login/atomicFile.ts"
import { problem } from "../kit/lockWorld.ts"
import { makeFile } from "./utils/writers.ts"

const live = Layer.merge(NodeFileSystem.layer, NodePath.layer)

describe("a file that cannot be replaced", () => {
  const refused = (file: string, text: string, issue: string) =>
    Effect.gen(function*() {
      const { canReplace, replace } = yield* atomicFile.make
      const before = Fs.readFileSync(file, "utf8")
      assert.isFalse(yield* canReplace(file))
      assert.deepStrictEqual(yield* Effect.either(replace(file, text)), problem("failed", issue))
      assert.strictEqual(Fs.readFileSync(file, "utf8"), before)
    })

  it.scopedLive("because it has another name, too, stays as it is under both", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      Fs.linkSync(file, join(folder, "other"))
      yield* refused(file, "new", "it has several hard links, and the others would keep the old text")
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json", "other"])
    }).pipe(Effect.provide(live)))

  it.scopedLive("because it would be too large to be read again stays as it is", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("x".repeat(1024 * 1024 - 1))
      yield* refused(file, "x".repeat(1024 * 1024 + 1), "it would be larger than 1 MiB")
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
    }).pipe(Effect.provide(live)))

  it.scopedLive("because the disk is full stays as it is", (context) =>
    Effect.gen(function*() {
      const { folder } = yield* makeFile("")
      const disk = join(folder, "disk")
      Fs.mkdirSync(disk)
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=32k", "tmpfs", disk])
      if (mounted.status !== 0) return context.skip("only root can mount a small disk")
      yield* Effect.addFinalizer(() => Effect.sync(() => spawnSync("umount", [disk])))
      const file = join(disk, "config.json")
      Fs.writeFileSync(file, "old")
      const { canReplace, replace } = yield* atomicFile.make
      assert.isTrue(yield* canReplace(file))
      Fs.writeFileSync(join(disk, "other"), "x".repeat(20_000))
      assert.isFalse(yield* canReplace(file))
      assert.deepStrictEqual(
        yield* Effect.either(replace(file, "x".repeat(20_000))),
        problem("failed", "it cannot be replaced (ENOSPC)")
      )
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "old")
      assert.deepStrictEqual(Fs.readdirSync(disk), ["config.json", "other"])
    }).pipe(Effect.provide(live)))
})
