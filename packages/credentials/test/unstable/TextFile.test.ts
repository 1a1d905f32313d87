import { FileSystem } from "@effect/platform"
import type { SystemErrorReason } from "@effect/platform/Error"
import { BadArgument, SystemError } from "@effect/platform/Error"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Fiber, Option, TestClock } from "effect"
import { fileInfo, openedFile } from "../../../../test/kit/world.ts"
import * as TextFile from "../../src/unstable/TextFile.ts"

const system = (reason: SystemErrorReason) =>
  new SystemError({ module: "FileSystem", method: "open", reason, pathOrDescriptor: "/s3cr3t" })

const holding = (bytes: Uint8Array): Partial<FileSystem.FileSystem> => ({
  stat: () => Effect.succeed(fileInfo(bytes.length)),
  open: () => Effect.succeed(openedFile(bytes))
})

const problemOf = (fs: Partial<FileSystem.FileSystem>) =>
  Effect.gen(function*() {
    const read = yield* TextFile.reader
    return yield* Effect.flip(read("/file", Effect.succeed))
  }).pipe(Effect.provide(FileSystem.layerNoop(fs)))

/** A file that another program is writing: one text for each time it is read, the last one from then on. */
const changing = (changedAt: number, ...texts: ReadonlyArray<string>) => {
  let reads = 0
  const read = Effect.flatMap(
    TextFile.reader,
    (read) =>
      read("/file", (text) => text === "" || text === "{" ? Effect.fail("unusable" as const) : Effect.succeed(text))
  )
  return {
    readsOf: () => reads,
    read: Effect.provide(
      read,
      FileSystem.layerNoop({
        stat: () => Effect.succeed({ ...fileInfo(1), mtime: Option.some(new Date(changedAt)) }),
        open: () => Effect.sync(() => openedFile(new TextEncoder().encode(texts[Math.min(reads++, texts.length - 1)])))
      })
    )
  }
}

describe("a file that another program is rewriting", () => {
  it.effect("is read again until it can be used", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000)
      const file = changing(1_000_000 - 3, "", "{", "{}")
      const fiber = yield* Effect.fork(file.read)
      yield* TestClock.adjust("79 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(fiber), "{}")
      assert.strictEqual(file.readsOf(), 3)
    }))

  it.effect("counts as it is after 200 ms", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000)
      const file = changing(1_000_000, "")
      const fiber = yield* Effect.fork(Effect.flip(file.read))
      yield* TestClock.adjust("199 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(fiber), "unusable")
      assert.strictEqual(file.readsOf(), 6)
    }))

  it.effect("is not waited for when it has not changed for a second, or is said to change later than that", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000)
      for (const changedAt of [1_000_000 - 1001, 1_000_000 + 1001, 0]) {
        const file = changing(changedAt, "", "{}")
        assert.strictEqual(yield* Effect.flip(file.read), "unusable")
        assert.strictEqual(file.readsOf(), 1)
      }
    }))
})

describe("a path that begins with ~/", () => {
  it.effect("is in the home directory, where there is one", () =>
    Effect.gen(function*() {
      const expand = (path: string, env: ReadonlyArray<readonly [string, string]>) =>
        Effect.withConfigProvider(TextFile.expandHome(path), ConfigProvider.fromMap(new Map(env)))
      assert.strictEqual(yield* expand("~/a/b", [["HOME", "/home/me"]]), "/home/me/a/b")
      assert.strictEqual(yield* expand("~/a", [["HOME", "/home/me/"]]), "/home/me/a")
      assert.strictEqual(yield* expand("~\\a", [["USERPROFILE", "C:\\Users\\me"]]), "C:\\Users\\me\\a")
      assert.strictEqual(yield* expand("~/a", []), "~/a")
      for (const path of ["~", "~me/a", "/~/a", "a~/b", "./~/a"]) {
        assert.strictEqual(yield* expand(path, [["HOME", "/home/me"]]), path)
      }
    }))
})

describe("small text files", () => {
  it.effect("are read as they are", () =>
    Effect.gen(function*() {
      const read = yield* TextFile.reader
      assert.strictEqual(yield* read("/file", Effect.succeed), " text\r\n")
    }).pipe(Effect.provide(FileSystem.layerNoop(holding(new TextEncoder().encode(" text\r\n"))))))

  it.effect("may begin with a byte order mark, which is dropped", () =>
    Effect.gen(function*() {
      const read = yield* TextFile.reader
      assert.strictEqual(yield* read("/file", Effect.succeed), "日本")
    }).pipe(Effect.provide(FileSystem.layerNoop(holding(new TextEncoder().encode("\uFEFF日本"))))))

  const notUtf8: ReadonlyArray<readonly [title: string, bytes: Uint8Array]> = [
    ["GBK", Uint8Array.of(0xB2, 0xE2, 0xCA, 0xD4)],
    ["Latin-1", Uint8Array.of(0x63, 0x61, 0x66, 0xE9)],
    ["UTF-16", Uint8Array.of(0xFF, 0xFE, 0x61, 0)],
    ["UTF-16 without a mark", Uint8Array.of(0x61, 0)],
    ["half a surrogate", Uint8Array.of(0xED, 0xA0, 0x80)],
    ["a character that stops in the middle", Uint8Array.of(0xE6, 0xB5)]
  ]
  it.effect.each(notUtf8)("are refused in %s", ([, bytes]) =>
    Effect.gen(function*() {
      const issue = "it is not plain UTF-8 text: save it as UTF-8"
      assert.deepStrictEqual(yield* problemOf(holding(bytes)), { _tag: "FileProblem", missing: false, issue })
    }))

  const problems: ReadonlyArray<readonly [issue: string, missing: boolean, fs: Partial<FileSystem.FileSystem>]> = [
    ["it does not exist", true, { stat: () => system("NotFound") }],
    ["it may not be read", false, { stat: () => system("PermissionDenied") }],
    ["it cannot be read (Busy)", false, { stat: () => system("Busy") }],
    ["its path cannot be used", false, {
      stat: () => new BadArgument({ module: "FileSystem", method: "stat", description: "s3cr3t" })
    }],
    ["it is a directory, not a file", false, { stat: () => Effect.succeed({ ...fileInfo(0), type: "Directory" }) }],
    ["it is not a regular file", false, { stat: () => Effect.succeed({ ...fileInfo(0), type: "FIFO" }) }],
    ["it is larger than 1 MiB", false, { stat: () => Effect.succeed(fileInfo(1024 * 1024 + 1)) }],
    ["it is larger than 1 MiB", false, {
      stat: () => Effect.succeed(fileInfo(0)),
      open: () => Effect.succeed(openedFile(new Uint8Array(1024 * 1024 + 1), fileInfo(0)))
    }],
    ["it may not be read", false, {
      stat: () => Effect.succeed(fileInfo(1)),
      open: () => system("PermissionDenied")
    }],
    ["it does not exist", true, { stat: () => Effect.succeed(fileInfo(1)), open: () => system("NotFound") }]
  ]
  for (const [issue, missing, fs] of problems) {
    it.effect(`problem: ${issue}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* problemOf(fs), { _tag: "FileProblem", missing, issue })
      }))
  }
})
