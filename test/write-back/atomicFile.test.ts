import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import * as atomicFile from "../../packages/credentials/src/internal/login/atomicFile.ts"
import { file, folder, makeWorld, problem } from "../kit/lockWorld.ts"
import { systemError } from "../kit/memoryFiles.ts"
import { isWindows, lacking } from "../kit/windows.ts"
import { makeFile } from "./utils/writers.ts"

const live = Layer.merge(NodeFileSystem.layer, NodePath.layer)

/** The file system of Node.js with some operations replaced. */
const makeWith = (change: (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    return yield* Effect.provideService(atomicFile.make, FileSystem.FileSystem, { ...fs, ...change(fs) })
  })

const withChange = (file: FileSystem.File, change: Partial<FileSystem.File>): FileSystem.File =>
  ({ writeAll: (bytes) => file.writeAll(bytes), sync: file.sync, ...change }) as FileSystem.File

const modeOf = (path: string): number => Fs.statSync(path).mode & 0o777

const isTemporary = (name: string): boolean => /^\.config\.json\.alicloud-[0-9a-f]{32}\.tmp$/.test(name)

describe("replace", () => {
  it.scopedLive("writes all of the text into a file with mode 0600", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      const { read, replace } = yield* atomicFile.make
      const text = `\uFEFFnew é\ud83d\ude00\r\n${"x".repeat(300_000)}`
      yield* replace(file, text)
      assert.strictEqual(Fs.readFileSync(file, "utf8"), text)
      assert.strictEqual(yield* read(file), text)
      assert.strictEqual(modeOf(file), 0o600)
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
    }).pipe(Effect.provide(live)))

  it.scopedLive("never has the text in a file that others can read, and syncs it before it is seen", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      const log: Array<string> = []
      const { replace } = yield* makeWith((fs) => ({
        open: (path, options) =>
          Effect.map(fs.open(path, options), (opened) => {
            if (path === folder) {
              return withChange(opened, { sync: Effect.sync(() => log.push("sync folder")) })
            }
            assert.deepStrictEqual(options, { flag: "wx", mode: 0o600 })
            assert.strictEqual(modeOf(path), 0o600)
            assert.strictEqual(join(path, ".."), folder)
            log.push(`open ${isTemporary(path.slice(folder.length + 1))}`)
            return withChange(opened, {
              sync: Effect.tap(opened.sync, () => log.push(`sync ${Fs.readFileSync(path, "utf8")}`))
            })
          }),
        rename: (from, to) => Effect.tap(fs.rename(from, to), () => log.push("rename"))
      }))
      yield* replace(file, "new")
      assert.deepStrictEqual(log, ["open true", "sync new", "rename", "sync folder"])
    }).pipe(Effect.provide(live)))

  it.scopedLive("keeps a link, and writes where it leads to", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      const { folder: elsewhere } = yield* makeFile("other")
      const [outer, inner] = [join(elsewhere, "outer"), join(elsewhere, "inner")]
      Fs.symlinkSync(file, inner)
      Fs.symlinkSync("inner", outer)
      const { replace } = yield* atomicFile.make
      yield* replace(outer, "new")
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "new")
      assert.strictEqual(Fs.readlinkSync(outer), "inner")
      assert.strictEqual(Fs.readlinkSync(inner), file)
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
      assert.deepStrictEqual(Fs.readdirSync(elsewhere), ["config.json", "inner", "outer"])
    }).pipe(Effect.provide(live)))

  it.scopedLive("does not make a file that is not there, nor where a link leads to nothing", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      const link = join(folder, "link")
      Fs.symlinkSync(join(folder, "gone"), link)
      const { replace } = yield* atomicFile.make
      for (const path of [join(folder, "gone"), link]) {
        assert.deepStrictEqual(yield* Effect.either(replace(path, "new")), problem("missing", "it does not exist"))
      }
      assert.deepStrictEqual(
        yield* Effect.either(replace(folder, "new")),
        problem("failed", "it is not a regular file")
      )
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json", "link"])
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "old")
    }).pipe(Effect.provide(live)))

  it.scopedLive("leaves the old file and no other when a step fails", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      const failure = (code: string) =>
        systemError("any", "Unknown", "secret", Object.assign(new Error("s3cr3t"), { code }))
      const failing = (method: "writeAll" | "sync", code: string) =>
        makeWith((fs) => ({
          open: (path, options) =>
            Effect.map(fs.open(path, options), (opened) =>
              withChange(opened, {
                [method]: method === "sync" ? failure(code) : () => failure(code)
              }))
        }))
      const cases = [
        [yield* failing("writeAll", "ENOSPC"), problem("failed", "it cannot be replaced (ENOSPC)")],
        [yield* failing("sync", "EIO"), problem("failed", "it cannot be replaced (EIO)")],
        [
          yield* makeWith(() => ({ rename: () => failure("EXDEV") })),
          problem("failed", "it cannot be replaced (EXDEV)")
        ],
        [
          yield* makeWith(() => ({ rename: () => failure("not a code") })),
          problem("failed", "it cannot be replaced (Unknown)")
        ],
        [
          yield* makeWith(() => ({ rename: (path) => systemError("rename", "Busy", path) })),
          problem("failed", "it cannot be replaced (Busy)")
        ]
      ] as const
      for (const [{ replace }, expected] of cases) {
        assert.deepStrictEqual(yield* Effect.either(replace(file, "new")), expected)
        assert.strictEqual(Fs.readFileSync(file, "utf8"), "old")
        assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
      }
    }).pipe(Effect.provide(live)))

  it.scopedLive("tells that a folder cannot be written", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      for (const code of ["EACCES", "EROFS", "EPERM"]) {
        const { replace } = yield* makeWith((fs) => ({
          open: (path, options) =>
            options?.flag === "wx"
              ? systemError("open", code === "EACCES" ? "PermissionDenied" : "Unknown", path, { code })
              : fs.open(path, options)
        }))
        assert.deepStrictEqual(
          yield* Effect.either(replace(file, "new")),
          problem("readonly", "its folder cannot be written")
        )
        assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
      }
    }).pipe(Effect.provide(live)))

  it.scopedLive("that is interrupted still ends with the new file, and leaves no other", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      const reached = yield* Deferred.make<void>()
      const open = yield* Deferred.make<void>()
      const { replace } = yield* makeWith((fs) => ({
        rename: (from, to) =>
          Deferred.succeed(reached, undefined).pipe(
            Effect.zipRight(Deferred.await(open)),
            Effect.zipRight(fs.rename(from, to))
          )
      }))
      const fiber = yield* Effect.fork(replace(file, "new"))
      yield* Deferred.await(reached)
      assert.strictEqual(Fs.readdirSync(folder).filter(isTemporary).length, 1)
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* Effect.yieldNow()
      yield* Deferred.succeed(open, undefined)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(interrupting)))
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "new")
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
    }).pipe(Effect.provide(live)))

  it.scopedLive("removes what a process that was killed a minute ago or longer left behind, and nothing else", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      const abandoned = [
        ".config.json.alicloud-00ff.tmp",
        ".config.json.lock.alicloud-00ff.tmp",
        ".config.json.lock.break.alicloud-00ff.tmp",
        "config.json.lock.break"
      ]
      const others = [".config.json.tmp-1", ".other.json.alicloud-00ff.tmp", "config.json.lock", "config.json.bak"]
      const recent = ".config.json.alicloud-11ff.tmp"
      const then = Date.now() / 1000 - 61
      for (const name of [...abandoned, ...others, recent]) {
        Fs.writeFileSync(join(folder, name), "")
        if (name !== recent) Fs.utimesSync(join(folder, name), then, then)
      }
      const { replace } = yield* atomicFile.make
      yield* replace(file, "new")
      assert.sameMembers(Fs.readdirSync(folder), [...others, recent, "config.json"])
    }).pipe(Effect.provide(live)))
})

describe.skipIf(isWindows)(`the owner of a file${lacking("owners as numbers")}`, () => {
  const makeIn = (files: ReturnType<typeof makeWorld>["files"]) =>
    atomicFile.make.pipe(
      Effect.provideService(FileSystem.FileSystem, files.fileSystem),
      Effect.provide(NodePath.layer)
    )

  it.effect("stays its owner when root writes it", () =>
    Effect.gen(function*() {
      const { files } = makeWorld()
      files.put(file, "old", { uid: 42 })
      yield* (yield* makeIn(files)).replace(file, "new")
      assert.strictEqual(files.textOf(file), "new")
      assert.strictEqual(files.uidOf(file), 42)
      assert.deepStrictEqual(files.names(), [file])
    }))

  it.effect("stays its owner, and the file as it is, when the writer is another and not root", () =>
    Effect.gen(function*() {
      const { files } = makeWorld()
      files.put(file, "old", { uid: 42 })
      files.fault = (method) => method === "chown" ? { code: "EPERM" } : undefined
      assert.deepStrictEqual(
        yield* Effect.either((yield* makeIn(files)).replace(file, "new")),
        problem("readonly", "it belongs to another user")
      )
      assert.strictEqual(files.textOf(file), "old")
      assert.deepStrictEqual(files.names(), [file])
    }))

  it.effect("and its group stay, the group only where the writer may", () =>
    Effect.gen(function*() {
      for (const may of [true, false]) {
        const { files } = makeWorld()
        files.put(file, "old", { gid: 42 })
        files.fault = (method) => method === "chown" && !may ? { code: "EPERM" } : undefined
        yield* (yield* makeIn(files)).replace(file, "new")
        assert.strictEqual(files.textOf(file), "new")
        assert.strictEqual(files.gidOf(file), may ? 42 : 100)
      }
    }))

  it.effect("is not set when it is the writer", () =>
    Effect.gen(function*() {
      const { files } = makeWorld()
      yield* (yield* makeIn(files)).replace(file, "new")
      assert.isFalse(files.log.some((line) => line.startsWith("chown")))
      assert.isTrue(files.log.every((line) => line.includes(folder)))
    }))
})

describe("read", () => {
  it.scopedLive("rejects what could not be written as it was", () =>
    Effect.gen(function*() {
      const { file, folder } = yield* makeFile("old")
      const { read } = yield* atomicFile.make
      Fs.writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]))
      assert.deepStrictEqual(
        yield* Effect.either(read(file)),
        problem("failed", "it is not plain UTF-8 text: save it as UTF-8")
      )
      Fs.writeFileSync(file, " ".repeat(1024 * 1024 + 1))
      assert.deepStrictEqual(yield* Effect.either(read(file)), problem("failed", "it is larger than 1 MiB"))
      assert.deepStrictEqual(yield* Effect.either(read(folder)), problem("failed", "it is a directory, not a file"))
      assert.deepStrictEqual(yield* Effect.either(read(join(folder, "gone"))), problem("missing", "it does not exist"))
    }).pipe(Effect.provide(live)))

  it.scopedLive("tells that it may not", () =>
    Effect.gen(function*() {
      const { file } = yield* makeFile("old")
      const { read } = yield* makeWith(() => ({
        open: (path) => systemError("open", "PermissionDenied", path)
      }))
      assert.deepStrictEqual(yield* Effect.either(read(file)), problem("failed", "it may not be read"))
    }).pipe(Effect.provide(live)))
})
