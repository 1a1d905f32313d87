import { FileSystem } from "@effect/platform"
import type { SystemErrorReason } from "@effect/platform/Error"
import { BadArgument, SystemError } from "@effect/platform/Error"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileInfo } from "../../../../../test/kit/world.ts"
import * as files from "../../../src/internal/source/files.ts"

const system = (reason: SystemErrorReason) =>
  new SystemError({ module: "FileSystem", method: "open", reason, pathOrDescriptor: "/s3cr3t" })

const problemOf = (fs: Partial<FileSystem.FileSystem>) =>
  Effect.gen(function*() {
    const read = yield* files.reader
    return yield* Effect.flip(read("/file"))
  }).pipe(Effect.provide(FileSystem.layerNoop(fs)))

describe("small text files", () => {
  it.effect("are read as they are", () =>
    Effect.gen(function*() {
      const read = yield* files.reader
      assert.strictEqual(yield* read("/file"), " text\r\n")
    }).pipe(Effect.provide(FileSystem.layerNoop({
      stat: () => Effect.succeed(fileInfo(7)),
      readFileString: () => Effect.succeed(" text\r\n")
    }))))

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
    ["it may not be read", false, {
      stat: () => Effect.succeed(fileInfo(1)),
      readFileString: () => system("PermissionDenied")
    }],
    ["it does not exist", true, { stat: () => Effect.succeed(fileInfo(1)), readFileString: () => system("NotFound") }]
  ]
  for (const [issue, missing, fs] of problems) {
    it.effect(`problem: ${issue}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* problemOf(fs), { _tag: "FileProblem", missing, issue })
      }))
  }
})
