import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, TestClock } from "effect"
import {
  contentOf,
  elapsed,
  file,
  finish,
  holdForever,
  lockFile,
  makeWorld,
  ownerIn,
  problem
} from "../../../../../test/kit/lockWorld.ts"
import type { Held } from "../../../src/internal/login/fileLock.ts"

describe("a lock", () => {
  it.effect("is a file that says whose it is, for its owner only, as long as the effect runs", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const lock = yield* process("me")
      const result = yield* lock.withLock(file, ({ stillHeld }) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(files.names(), [file, lockFile])
          assert.strictEqual(files.modeOf(lockFile), 0o600)
          const content = JSON.parse(files.textOf(lockFile) ?? "") as Record<string, unknown>
          assert.deepStrictEqual(Object.keys(content), ["owner", "token", "created"])
          assert.strictEqual(content["owner"], "me")
          assert.match(String(content["token"]), /^[0-9a-f]{32}$/)
          assert.isTrue(yield* stillHeld)
          return "result"
        }))
      assert.strictEqual(result, "result")
      assert.deepStrictEqual(files.names(), [file])
    }))

  it.effect("is given back when the effect fails, dies, or is interrupted", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const lock = yield* process("me")
      assert.strictEqual(yield* Effect.flip(lock.withLock(file, () => Effect.fail("mine"))), "mine")
      const died = yield* Effect.exit(lock.withLock(file, () => Effect.die("defect")))
      assert.isTrue(Exit.isFailure(died) && Cause.isDie(died.cause))
      const held = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(holdForever(lock, () => Effect.asVoid(Deferred.succeed(held, undefined))))
      yield* Deferred.await(held)
      assert.deepStrictEqual(files.names(), [file, lockFile])
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.deepStrictEqual(files.names(), [file])
    }))

  it.effect("does not make an effect interruptible that is not", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const lock = yield* process("me")
      const held = yield* Deferred.make<void>()
      let ended = false
      const use = Deferred.succeed(held, undefined).pipe(
        Effect.zipRight(Effect.sleep("1 second")),
        Effect.zipRight(Effect.sync(() => {
          ended = true
        }))
      )
      const fiber = yield* Effect.fork(Effect.uninterruptible(lock.withLock(file, () => use)))
      yield* Deferred.await(held)
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(interrupting)
      assert.isTrue(ended)
      assert.deepStrictEqual(files.names(), [file])
    }))

  it.effect("serves the fibers of one process in the order in which they came, at once one after the other", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const lock = yield* process("me")
      const order: Array<number> = []
      const [, time] = yield* elapsed(Effect.forEach(
        Array.from({ length: 20 }, (_, index) => index),
        (index) => lock.withLock(file, () => Effect.zipRight(Effect.yieldNow(), Effect.sync(() => order.push(index)))),
        { concurrency: "unbounded" }
      ))
      assert.deepStrictEqual(order, Array.from({ length: 20 }, (_, index) => index))
      assert.strictEqual(time, 0)
      assert.deepStrictEqual(files.names(), [file])
    }))

  it.effect("passes the turn of a fiber that gave up waiting to the one after it, and not before its time", () =>
    Effect.gen(function*() {
      const { process } = makeWorld()
      const lock = yield* process("me")
      const open = yield* Deferred.make<void>()
      const order: Array<string> = []
      const first = yield* Effect.fork(
        lock.withLock(file, () => Effect.zipRight(Deferred.await(open), Effect.sync(() => order.push("first"))))
      )
      yield* Effect.yieldNow()
      const second = yield* Effect.fork(lock.withLock(file, () => Effect.sync(() => order.push("second"))))
      yield* Effect.yieldNow()
      const third = yield* Effect.fork(lock.withLock(file, () => Effect.sync(() => order.push("third"))))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(second)
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(order, [])
      yield* Deferred.succeed(open, undefined)
      yield* Fiber.join(first)
      yield* Fiber.join(third)
      assert.deepStrictEqual(order, ["first", "third"])
    }))

  it.effect("lets one process at a time in, whatever their number", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      let inside = 0
      let count = 0
      const update = Effect.gen(function*() {
        assert.strictEqual(inside++, 0)
        const seen = count
        yield* Effect.sleep("3 millis")
        count = seen + 1
        inside--
      })
      const worker = (id: number) =>
        Effect.flatMap(process(`${id}`), (lock) => Effect.repeatN(lock.withLock(file, () => update), 9))
      const fiber = yield* Effect.fork(Effect.forEach([1, 2, 3, 4, 5], worker, { concurrency: "unbounded" }))
      yield* finish(fiber)
      assert.strictEqual(count, 50)
      assert.deepStrictEqual(files.names(), [file])
    }))
})

describe("waiting for a lock", () => {
  it.effect("ends after half a minute while another process holds it and is alive", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const holder = yield* Effect.fork(holdForever(yield* process("other")))
      yield* TestClock.adjust(0)
      const fiber = yield* Effect.fork(elapsed((yield* process("me")).withLock(file, () => Effect.void)))
      const [result, time] = yield* finish(fiber, 5000)
      assert.deepStrictEqual(result, problem("locked", "it is locked by another process"))
      assert.strictEqual(time, 30_000)
      assert.strictEqual(ownerIn(files.textOf(lockFile)), "other")
      yield* Fiber.interrupt(holder)
    }))

  it.effect("ends when the caller says, also while another fiber of the process holds it", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const lock = yield* process("me")
      const holder = yield* Effect.fork(holdForever(lock))
      yield* TestClock.adjust(0)
      const fiber = yield* Effect.fork(elapsed(lock.withLock(file, () => Effect.void, { wait: "2 seconds" })))
      const [result, time] = yield* finish(fiber)
      assert.deepStrictEqual(result, problem("locked", "it is locked by another part of this process"))
      assert.strictEqual(time, 2000)
      yield* Fiber.interrupt(holder)
      yield* lock.withLock(file, () => Effect.void)
      assert.deepStrictEqual(files.names(), [file])
    }))

  it.effect("looks every 5 to 150 ms, the more seldom the longer it takes", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      files.put(lockFile, contentOf("other"))
      const times: Array<number> = []
      const clock = yield* Effect.clock
      const me = yield* process("me")
      const fiber = yield* Effect.fork(me.withLock(file, () => Effect.void, { wait: "3 seconds" }))
      files.fault = (method, path) => {
        if (method === "readFile" && path === lockFile) times.push(clock.unsafeCurrentTimeMillis())
        return undefined
      }
      yield* Effect.flip(finish(fiber))
      const pauses = times.slice(1, -2).map((time, index) => time - (times[index] ?? 0))
      assert.isAtMost(pauses[0] ?? 0, 15)
      assert.isTrue(pauses.every((pause) => pause >= 5 && pause <= 150))
      assert.isTrue(pauses.slice(8).every((pause) => pause >= 50))
      assert.isAbove(new Set(pauses.slice(8)).size, 3)
    }))

  it.effect("can be interrupted, and leaves nothing", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      files.put(lockFile, contentOf("other"))
      const fiber = yield* Effect.fork((yield* process("me")).withLock(file, () => Effect.void))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.deepStrictEqual(files.names(), [file, lockFile])
      assert.strictEqual(files.textOf(lockFile), contentOf("other"))
    }))
})

describe("a holder", () => {
  it.effect("touches its lock every 2 s, so that it is not taken for dead", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const holder = yield* Effect.fork(holdForever(yield* process("other")))
      yield* TestClock.adjust(0)
      for (let second = 2; second <= 120; second += 2) {
        yield* TestClock.adjust("2 seconds")
        yield* Effect.repeatN(Effect.yieldNow(), 20)
        assert.strictEqual(files.mtimeOf(lockFile), second * 1000)
      }
      const fiber = yield* Effect.fork((yield* process("me")).withLock(file, () => Effect.void, { wait: "5 seconds" }))
      const locked = yield* Effect.flip(finish(fiber))
      assert.strictEqual(locked.reason, "locked")
      yield* Fiber.interrupt(holder)
    }))

  it.effect("that lost its lock learns it, and neither touches nor removes the next one's", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const state = yield* Deferred.make<Held>()
      const holder = yield* Effect.fork(
        holdForever(yield* process("me"), (held) => Effect.asVoid(Deferred.succeed(state, held)))
      )
      const { stillHeld } = yield* Deferred.await(state)
      assert.isTrue(yield* stillHeld)
      files.put(lockFile, contentOf("other"), { mtime: 1 })
      assert.isFalse(yield* stillHeld)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interrupt(holder)
      assert.strictEqual(files.textOf(lockFile), contentOf("other"))
      assert.strictEqual(files.mtimeOf(lockFile), 1)
      files.drop(lockFile)
      assert.isFalse(yield* stillHeld)
    }))

  it.effect("does not remove a lock that became another's while it was given back", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      const lock = yield* process("me")
      yield* lock.withLock(file, () =>
        Effect.sync(() => {
          files.fault = (method, path) => {
            if (method === "rename" && path === lockFile) files.put(lockFile, contentOf("other"))
            return undefined
          }
        }))
      assert.deepStrictEqual(files.names(), [file, lockFile])
      assert.strictEqual(files.textOf(lockFile), contentOf("other"))
    }))

  it.effect("on a file system without hard links has a lock all the same", () =>
    Effect.gen(function*() {
      for (const fault of ["PermissionDenied", "Unknown", { code: "ENOTSUP" }] as const) {
        const { files, process } = makeWorld()
        files.fault = (method) => method === "link" ? fault : undefined
        const lock = yield* process("me")
        yield* lock.withLock(file, () => Effect.sync(() => assert.strictEqual(ownerIn(files.textOf(lockFile)), "me")))
        assert.deepStrictEqual(files.names(), [file])
        files.put(lockFile, contentOf("other"))
        const fiber = yield* Effect.fork(lock.withLock(file, () => Effect.void, { wait: 100 }))
        assert.strictEqual((yield* Effect.flip(finish(fiber))).reason, "locked")
        assert.deepStrictEqual(files.names(), [file, lockFile])
      }
    }))
})

describe("a lock that cannot be made", () => {
  const cases = [
    ["PermissionDenied", "readonly", "its folder cannot be written"],
    [{ code: "EROFS" }, "readonly", "its folder cannot be written"],
    [{ code: "EPERM" }, "readonly", "its folder cannot be written"],
    [{ code: "ENOSPC" }, "failed", "it cannot be locked (ENOSPC)"],
    ["Busy", "failed", "it cannot be locked (Busy)"]
  ] as const

  it.effect.each(cases)(
    "for the reason %o is a problem of its own: %s",
    ([fault, reason, issue]) =>
      Effect.gen(function*() {
        const { files, process } = makeWorld()
        files.fault = (method) => method === "open" ? fault : undefined
        let ran = false
        const use = Effect.sync(() => {
          ran = true
        })
        const result = yield* Effect.either((yield* process("me")).withLock(file, () => use))
        assert.deepStrictEqual(result, problem(reason, issue))
        assert.isFalse(ran)
        assert.deepStrictEqual(files.names(), [file])
      })
  )

  it.effect("because the disk is full is taken away again", () =>
    Effect.gen(function*() {
      for (const failing of ["writeAll", "link"] as const) {
        const { files, process } = makeWorld()
        files.fault = (method, path) =>
          (method === "writeAll" && (failing === "writeAll" || path === lockFile)) || method === failing
            ? { code: "ENOSPC" }
            : undefined
        const result = yield* Effect.either((yield* process("me")).withLock(file, () => Effect.void))
        assert.deepStrictEqual(result, problem("failed", "it cannot be locked (ENOSPC)"))
        assert.deepStrictEqual(files.names(), [file])
      }
    }))

  it.effect("for sure, because it cannot be read again, is taken away again", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      let left = 1
      files.fault = (method, path) =>
        method === "readFile" && path === lockFile && files.textOf(lockFile) !== undefined && left-- > 0
          ? "Busy"
          : undefined
      const result = yield* Effect.either((yield* process("me")).withLock(file, () => Effect.void))
      assert.deepStrictEqual(result, problem("failed", "it cannot be locked (Busy)"))
      assert.deepStrictEqual(files.names(), [file])
    }))

  it.effect("for a file that does not exist says so", () =>
    Effect.gen(function*() {
      const { files, process } = makeWorld()
      files.drop(file)
      const result = yield* Effect.either((yield* process("me")).withLock(file, () => Effect.void))
      assert.deepStrictEqual(result, problem("missing", "it does not exist"))
    }))
})
