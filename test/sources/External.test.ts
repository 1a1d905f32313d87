import { Credentials, CredentialsError, CredentialsProvider, External } from "@effect-alicloud/credentials"
import { NodePlatform } from "@effect-alicloud/node"
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Cause, ConfigProvider, Effect, Exit, Fiber, Logger, LogLevel, Option, Redacted } from "effect"
import { inspect } from "node:util"

/** A command line that runs a script. Scripts use no single quotes. */
const script = (code: string): string => `"${process.execPath}" -e '${code}'`

const print = (output: unknown): string => script(`console.log(JSON.stringify(${JSON.stringify(output)}))`)

const resolve = (config: External.Config): Effect.Effect<
  Credentials.Credentials,
  CredentialsError.CredentialsError,
  External.Requirements
> => Effect.flatMap(External.make(config), (source) => source.get)

const live = <A, E>(effect: Effect.Effect<A, E, External.Requirements | FileSystem.FileSystem>) =>
  Effect.provide(effect, NodePlatform.layer)

const failure = (config: External.Config): Effect.Effect<CredentialsError.SourceFailed, unknown, never> =>
  live(Effect.gen(function*() {
    const error = yield* Effect.flip(resolve(config))
    assert.instanceOf(error, CredentialsError.SourceFailed)
    const renderings = [error.message, String(error), JSON.stringify(error), inspect(error, { depth: 20 })]
    for (const rendering of [...renderings, Cause.pretty(Cause.fail(error), { renderErrorCause: true })]) {
      assert.notInclude(rendering, "s3cr3t")
    }
    return error
  }))

/** Waits, at most 5 seconds, until no process has this id any more. */
const gone = (pid: number): Effect.Effect<boolean> =>
  Effect.gen(function*() {
    for (let attempt = 0; attempt < 100; attempt++) {
      const alive = yield* Effect.sync(() => {
        try {
          process.kill(pid, 0)
          return true
        } catch {
          return false
        }
      })
      if (!alive) {
        return true
      }
      yield* Effect.sleep("50 millis")
    }
    return false
  })

describe("External", () => {
  it.live("reads a pair", () =>
    Effect.gen(function*() {
      const credentials = yield* live(resolve({
        processCommand: print({ mode: "AK", access_key_id: "LTAI", access_key_secret: "s3cr3t" })
      }))
      assert.deepStrictEqual(
        credentials,
        Credentials.accessKey({
          type: "access_key",
          providerName: "external",
          accessKeyId: "LTAI",
          accessKeySecret: "s3cr3t"
        })
      )
    }))

  it.live("reads a session and when it ends, named or not", () =>
    Effect.gen(function*() {
      for (const mode of [{ mode: "StsToken" }, {}]) {
        const credentials = yield* live(resolve({
          processCommand: print({
            ...mode,
            access_key_id: "STS.N",
            access_key_secret: "s3cr3t",
            sts_token: "s3cr3t-token",
            expiration: "2026-01-02T03:04:05Z"
          })
        }))
        assert.instanceOf(credentials, Credentials.Sts)
        assert.strictEqual(Redacted.value(credentials.securityToken), "s3cr3t-token")
        assert.strictEqual(
          Option.getOrThrow(Credentials.expirationOf(credentials)).epochMillis,
          Date.UTC(2026, 0, 2, 3, 4, 5)
        )
      }
    }))

  const expirations: ReadonlyArray<unknown> = [
    Date.UTC(2026, 10, 28, 6, 21),
    Date.UTC(2026, 10, 28, 6, 21) / 1000,
    String(Date.UTC(2026, 10, 28, 6, 21) / 1000),
    "2026-11-28 06:21:00 +0000 UTC",
    "Sat, 28 Nov 2026 06:21:00 +0000",
    "2026-11-28T06:21Z"
  ]
  for (const expiration of expirations) {
    it.live(`understands ${JSON.stringify(expiration)} as an expiration`, () =>
      Effect.gen(function*() {
        const output = { access_key_id: "STS.x", access_key_secret: "s", sts_token: "t", expiration }
        const credentials = yield* live(resolve({ processCommand: print(output) }))
        const end = Option.getOrThrow(Credentials.expirationOf(credentials))
        assert.strictEqual(end.epochMillis, Date.UTC(2026, 10, 28, 6, 21))
      }))
  }

  for (const expiration of ["s3cr3t", 3600, { in: "s3cr3t" }, true]) {
    it.live(`warns once of the expiration ${JSON.stringify(expiration).replaceAll("s3cr3t", "…")}, and uses the keys without one`, () =>
      Effect.gen(function*() {
        const warnings: Array<string> = []
        const logger = Logger.make(({ message }) => warnings.push(String(message)))
        const output = { access_key_id: "STS.x", access_key_secret: "s", sts_token: "t", expiration }
        const source = yield* live(External.make({ processCommand: print(output) }))
        const credentials = yield* Effect.provide(
          Effect.zipRight(source.get, source.get),
          Logger.replace(Logger.defaultLogger, logger)
        )
        assert.isTrue(Option.isNone(Credentials.expirationOf(credentials)))
        assert.strictEqual(source.undated, "reread")
        assert.lengthOf(warnings, 1)
        assert.include(warnings[0], "2026-01-02T03:04:05Z")
        assert.notInclude(warnings[0], "s3cr3t")
      }))
  }

  for (const expiration of ["", " ", null, 0]) {
    it.live(`takes the expiration ${JSON.stringify(expiration)} as none`, () =>
      Effect.gen(function*() {
        const warnings: Array<unknown> = []
        const credentials = yield* live(resolve({
          processCommand: print({ access_key_id: "LTAI", access_key_secret: "s", expiration })
        })).pipe(Effect.provide(Logger.replace(
          Logger.defaultLogger,
          Logger.make(({ message }) => warnings.push(message))
        )))
        assert.isTrue(Option.isNone(Credentials.expirationOf(credentials)))
        assert.deepStrictEqual(warnings, [])
      }))
  }

  const unusable: ReadonlyArray<readonly [title: string, output: unknown, issue: string]> = [
    ["a session without its token", { mode: "StsToken", access_key_id: "a", access_key_secret: "s3cr3t" }, "sts_token"],
    ["an empty secret", { mode: "AK", access_key_id: "a", access_key_secret: "" }, "access_key_secret"],
    ["a missing id", { mode: "AK", access_key_secret: "s3cr3t" }, "access_key_id is missing"],
    ["a secret that is no string", { access_key_id: "a", access_key_secret: ["s3cr3t"] }, "access_key_secret"],
    [
      "another mode",
      { mode: "External", access_key_id: "a", access_key_secret: "s3cr3t" },
      "\"External\" is not one of"
    ],
    ["a list", ["s3cr3t"], "not usable"],
    ["text", "s3cr3t", "not usable"]
  ]
  for (const [title, output, issue] of unusable) {
    it.live(`rejects ${title} without quoting it`, () =>
      Effect.gen(function*() {
        const error = yield* failure({ processCommand: print(output) })
        assert.strictEqual(error.reason, "Malformed")
        assert.include(error.message, issue)
      }))
  }

  it.live("shows the exit code, and neither arguments nor what was printed", () =>
    Effect.gen(function*() {
      const error = yield* failure({
        processCommand: `${
          script("console.error(\"s3cr3t\"); console.log(\"s3cr3t\"); process.exit(3)")
        } -- --token s3cr3t`
      })
      assert.strictEqual(error.reason, "Process")
      assert.include(error.message, "\"node\" ended with exit code 3")
    }))

  it.live("says that a program does not exist, without its arguments", () =>
    Effect.gen(function*() {
      const error = yield* failure({ processCommand: "/nowhere/get-credentials --token s3cr3t" })
      assert.strictEqual(error.reason, "Process")
      assert.include(error.message, "\"get-credentials\" cannot be started (ENOENT)")
    }))

  it.live("fails in the same way however a program cannot be started, and logs no argument", () =>
    live(Effect.scoped(Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(`${folder}/file`, "")
      yield* fs.symlink(`${folder}/loop`, `${folder}/loop`)
      yield* fs.writeFileString(`${folder}/busy`, "#!/bin/sh\n", { mode: 0o755 })
      yield* fs.open(`${folder}/busy`, { flag: "r+" })
      const logged: Array<string> = []
      const logger = Logger.make((line) => logged.push(inspect(line, { depth: 10 })))
      const starts = [
        [`${folder}/file/get`, "ENOTDIR"],
        [`${folder}/loop`, "ELOOP"],
        [`${folder}/${"x".repeat(300)}`, "ENAMETOOLONG"],
        [`${folder}/file`, "EACCES"],
        ...(process.platform === "linux" ? [[`${folder}/busy`, "ETXTBSY"]] : []),
        [`/bin/echo ${"x".repeat(3_000_000)}`, "E2BIG"]
      ]
      for (const [program, code] of starts) {
        const error = yield* failure({ processCommand: `${program} --token s3cr3t` }).pipe(
          Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
          Logger.withMinimumLogLevel(LogLevel.All)
        )
        assert.strictEqual(error.reason, "Process")
        assert.include(error.message, `cannot be started (${code})`)
      }
      assert.notInclude(logged.join(), "s3cr3t")
    }))))

  it.live("logs no argument of a program that ends without reading its input", () =>
    Effect.gen(function*() {
      const logged: Array<string> = []
      const logger = Logger.make((line) => logged.push(inspect(line, { depth: 10 })))
      yield* Effect.repeatN(
        Effect.exit(live(resolve({ processCommand: `${script("process.stdin.destroy()")} s3cr3t` }))),
        3
      ).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
        Logger.withMinimumLogLevel(LogLevel.All)
      )
      assert.notInclude(logged.join(), "s3cr3t")
    }))

  it.live("does not show a program's name that is more than a name", () =>
    Effect.gen(function*() {
      const error = yield* failure({ processCommand: "TOKEN=s3cr3t get-credentials" })
      assert.include(error.message, "the program cannot be started (ENOENT)")
    }))

  it.live("does not read without end", () =>
    Effect.gen(function*() {
      const error = yield* failure({
        processCommand: script("setInterval(() => console.log(\"s3cr3t\".repeat(20000)), 1)")
      })
      assert.include(error.message, "printed more than 1 MiB")
    }))

  it.live("is not held up by what a program writes to standard error, nor by one that reads its input", () =>
    Effect.gen(function*() {
      const credentials = yield* live(resolve({
        processCommand: script(
          "process.stdin.on(\"end\", () => console.log(JSON.stringify({ access_key_id: \"a\", access_key_secret: \"b\" })));" +
            "process.stdin.resume(); process.stderr.write(\"x\".repeat(500000))"
        )
      }))
      assert.strictEqual(credentials._tag, "AccessKey")
    }))

  const stubborn = (file: string): string =>
    script(
      "const child = require(\"child_process\").spawn(process.execPath, [\"-e\", \"process.on(\\\"SIGTERM\\\", () => {}); setInterval(() => {}, 1000); console.log(1)\"], { stdio: \"pipe\" });" +
        `child.stdout.on("data", () => require("fs").writeFileSync("${file}", process.pid + " " + child.pid));` +
        "process.on(\"SIGTERM\", () => {}); setInterval(() => {}, 1000)"
    )

  const pidsIn = (file: string) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      for (let attempt = 0; attempt < 200; attempt++) {
        const text = yield* Effect.orElseSucceed(fs.readFileString(file), () => "")
        if (/\d+ \d+/.test(text)) {
          return text.split(" ").map(Number)
        }
        yield* Effect.sleep("25 millis")
      }
      return []
    })

  it.live("ends the program and what it started when time is up, even if they ignore the request", () =>
    live(Effect.scoped(Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* fs.makeTempDirectoryScoped()}/pids`
      const error = yield* Effect.flip(resolve({ processCommand: stubborn(file), timeout: "3 seconds" }))
      assert.include(error.message, "did not end within 3s")
      const pids = yield* pidsIn(file)
      assert.strictEqual(pids.length, 2)
      assert.deepStrictEqual(yield* Effect.forEach(pids, gone), [true, true])
    }))))

  it.live("ends the program and what it started when it is interrupted", () =>
    live(Effect.scoped(Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* fs.makeTempDirectoryScoped()}/pids`
      const fiber = yield* Effect.fork(resolve({ processCommand: stubborn(file) }))
      const pids = yield* pidsIn(file)
      assert.strictEqual(pids.length, 2)
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.deepStrictEqual(yield* Effect.forEach(pids, gone), [true, true])
    }))))

  it.live("runs the program once for many reads, also when the pair has no end", () =>
    live(Effect.scoped(Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* fs.makeTempDirectoryScoped()}/runs`
      const source = yield* External.make({
        processCommand: script(
          `require("fs").appendFileSync("${file}", "x"); console.log(JSON.stringify({ access_key_id: "a", access_key_secret: "b" }))`
        )
      })
      const provider = yield* CredentialsProvider.make(source)
      yield* Effect.forEach(Array.from({ length: 50 }), () => provider.get, { concurrency: "unbounded" })
      yield* provider.get
      assert.strictEqual(yield* fs.readFileString(file), "x")
    }))))

  for (const value of ["1", "true", "TRUE"]) {
    it.live(`runs nothing while ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS is ${value}`, () =>
      Effect.gen(function*() {
        const error = yield* live(
          Effect.flip(resolve({ processCommand: print({ access_key_id: "a", access_key_secret: "b" }) })).pipe(
            Effect.withConfigProvider(
              ConfigProvider.fromMap(new Map([["ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", value]]))
            )
          )
        )
        assert.instanceOf(error, CredentialsError.SourceUnavailable)
        assert.include(error.message, "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS")
      }))
  }

  it.effect("a command that cannot be split fails when the source is made", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(External.make({ processCommand: "get 's3cr3t" }))
      assert.strictEqual(error.message, "External is misconfigured in option processCommand: a quote is not closed.")
    }).pipe(Effect.provide(NodePlatform.layer)))
})
