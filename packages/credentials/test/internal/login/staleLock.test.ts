import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Either, TestClock } from "effect"
import { contentOf, elapsed, file, finish, lockFile, makeWorld, markFile } from "../../../../../test/kit/lockWorld.ts"

describe("a lock that was left behind", () => {
  const recovered = (
    options: { readonly within: number; readonly notWithin?: number; readonly text: string; readonly age: number }
  ) =>
    Effect.gen(function*() {
      const { dead, files, process } = makeWorld()
      dead.add("dead")
      yield* TestClock.adjust("1 hour")
      const now = yield* Clock.currentTimeMillis
      files.put(lockFile, options.text, { mtime: now - options.age })
      const fiber = yield* Effect.fork(elapsed((yield* process("me")).withLock(file, () => Effect.succeed("in"))))
      const [result, time] = yield* finish(fiber)
      assert.deepStrictEqual(result, Either.right("in"))
      assert.isAtMost(time, options.within)
      assert.isAtLeast(time, options.notWithin ?? 0)
      assert.deepStrictEqual(files.names(), [file])
    })

  it.effect("by a process that has ended is removed at once", () =>
    recovered({ text: contentOf("dead"), age: 0, within: 0 }))

  it.effect("of an unknown owner is removed when it is older than 15 s and not touched for 3 s", () =>
    recovered({ text: contentOf("unknown"), age: 15_001, within: 3200, notWithin: 3000 }))

  it.effect("of an unknown owner is not removed before it is 15 s old", () =>
    recovered({ text: contentOf("unknown"), age: 11_000, within: 4400, notWithin: 4001 }))

  it.effect("with a time in the future is removed too", () =>
    recovered({ text: contentOf("unknown"), age: -3_600_000, within: 3200, notWithin: 3000 }))

  it.effect("that is empty or says nothing is removed by its age", () =>
    Effect.zipRight(
      recovered({ text: "", age: 60_000, within: 3200, notWithin: 3000 }),
      recovered({ text: "{\"owner\":1}", age: 60_000, within: 3200, notWithin: 3000 })
    ))

  it.effect("and may not be read is removed by its age", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      yield* TestClock.adjust("1 hour")
      files.put(lockFile, contentOf("other"), { mtime: 0 })
      files.fault = (method, path) =>
        method === "readFile" && files.textOf(path) === contentOf("other") ? "PermissionDenied" : undefined
      const fiber = yield* Effect.fork((yield* process("me")).withLock(file, () => Effect.succeed("in")))
      assert.strictEqual(yield* finish(fiber), "in")
    }))

  it.effect("is not removed when its holder wakes up while it is watched", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      yield* TestClock.adjust("1 hour")
      files.put(lockFile, contentOf("other"), { mtime: 0 })
      const fiber = yield* Effect.fork((yield* process("me")).withLock(file, () => Effect.void, { wait: "5 seconds" }))
      yield* TestClock.adjust("1500 millis")
      files.put(lockFile, contentOf("other"), { mtime: yield* Clock.currentTimeMillis })
      assert.strictEqual((yield* Effect.flip(finish(fiber))).reason, "locked")
      assert.strictEqual(files.textOf(lockFile), contentOf("other"))
    }))

  it.effect("is put back when its holder wakes up in the moment of removal", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      yield* TestClock.adjust("1 hour")
      files.put(lockFile, contentOf("other"), { mtime: 0 })
      const time = yield* Clock.currentTimeMillis
      files.fault = (method, path) => {
        if (method === "rename" && path === lockFile) files.put(lockFile, contentOf("other"), { mtime: time })
        return undefined
      }
      const fiber = yield* Effect.fork((yield* process("me")).withLock(file, () => Effect.void, { wait: "5 seconds" }))
      assert.strictEqual((yield* Effect.flip(finish(fiber))).reason, "locked")
      assert.deepStrictEqual(files.names(), [file, lockFile])
      assert.strictEqual(files.textOf(lockFile), contentOf("other"))
    }))

  it.effect("is removed by one process, while the others wait, however many come at once", () =>
    Effect.gen(function*() {
      const { dead, files, process } = makeWorld()
      dead.add("dead")
      let inside = 0
      let count = 0
      for (let round = 0; round < 20; round++) {
        files.put(lockFile, contentOf("dead", `${round}`))
        if (round % 2 === 0) files.put(markFile, contentOf("dead", `${round}`))
        const update = Effect.gen(function*() {
          assert.strictEqual(inside++, 0)
          yield* Effect.sleep("3 millis")
          count++
          inside--
        })
        const fiber = yield* Effect.fork(Effect.forEach(
          [1, 2, 3, 4, 5, 6],
          (id) => Effect.flatMap(process(`${id}`), (lock) => lock.withLock(file, () => update)),
          { concurrency: "unbounded" }
        ))
        yield* finish(fiber)
        assert.deepStrictEqual(files.names(), [file])
      }
      assert.strictEqual(count, 120)
    }))

  it.effect("is not removed while another process, which is alive, is about to", () =>
    Effect.gen(function*() {
      const { dead, files, process } = makeWorld()
      dead.add("dead")
      files.put(lockFile, contentOf("dead"))
      files.put(markFile, contentOf("other"))
      const fiber = yield* Effect.fork((yield* process("me")).withLock(file, () => Effect.succeed("in")))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(files.textOf(lockFile), contentOf("dead"))
      dead.add("other")
      assert.strictEqual(yield* finish(fiber), "in")
      assert.deepStrictEqual(files.names(), [file])
    }))
})
