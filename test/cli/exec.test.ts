import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { request } from "node:http"
import { connect } from "node:net"
import { dirname } from "node:path"
import { Cli, key, profiles, reportIn, withCli, world } from "./utils/world.ts"

const node = (script: string): ReadonlyArray<string> => [process.execPath, "-e", script]

/** Every variable by which some SDK, the aliyun CLI or the Terraform provider finds credentials or where to look. */
const decoys = Object.fromEntries(
  [
    ...["ALIBABA_CLOUD", "ALIBABACLOUD", "ALICLOUD", "ALIYUN"].flatMap((prefix) =>
      [
        "ACCESS_KEY",
        "ACCESS_KEY_ID",
        "ACCESS_KEY_SECRET",
        "SECRET_KEY",
        "SECURITY_TOKEN",
        "BEARER_TOKEN",
        "BEARER_TOKEN_HEADER_KEY",
        "ROLE_ARN",
        "ROLE_SESSION_NAME",
        "EXTERNAL_ID",
        "OIDC_PROVIDER_ARN",
        "OIDC_TOKEN_FILE",
        "ECS_METADATA",
        "PROFILE",
        "PROFILE_MODE",
        "SHARED_CREDENTIALS_FILE"
      ].map((name) => `${prefix}_${name}`)
    ),
    "ALIBABA_CLOUD_ACCESS_KEY_Id",
    "ALICLOUD_CREDENTIALS_SERVE_TOKEN",
    "ACCESS_KEY_ID",
    "ACCESS_KEY_SECRET",
    "SECURITY_TOKEN",
    "OSS_ACCESS_KEY_ID",
    "OSS_ACCESS_KEY_SECRET",
    "OSS_SESSION_TOKEN"
  ].map((name) => [name, "decoy"])
)

/** What the variables say leads the tool itself astray, but for the profile on its command line. */
const selected = ["--profile", "deploy"]

const printEnvironment = node("console.log(JSON.stringify(process.env))")

const environmentOf = (out: string): Record<string, string | undefined> => JSON.parse(out)

const isOpen = (port: number): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    const socket = connect(port, "127.0.0.1")
    socket.on("connect", () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.on("error", () => resume(Effect.succeed(false)))
  })

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The same signal again would be lost while one of them is pending. */
const hasTakenSignals = (pid: number): Effect.Effect<void> =>
  Effect.suspend(() =>
    /(?:Sig|Shd)Pnd:\s*0*[1-9a-f]/.test(Fs.readFileSync(`/proc/${pid}/status`, "utf8"))
      ? Effect.delay(hasTakenSignals(pid), "10 millis")
      : Effect.void
  )

describe.concurrent("exec", () => {
  withCli(world(), (test) => {
    for (const side of ["official", "ours", "strict"]) {
      test(`ends the ${side} chain of the child at its own server`, () =>
        Effect.gen(function*() {
          const { client, run, tool } = yield* Cli
          const ended = yield* run([...tool, "exec", ...selected, "--", ...client, side], { env: decoys })
          assert.strictEqual(ended.code, 0, ended.err)
          const { failures, reads, warnings } = reportIn(ended)
          assert.deepStrictEqual(failures, [])
          assert.deepStrictEqual(warnings, [])
          assert.deepStrictEqual(reads.map(({ providerName }) => providerName), ["default/credential_uri"])
          assert.match(reads[0]?.accessKeyId ?? "", /^STS\./)
        }))
    }

    test("gives the child an environment in which nothing else is said about credentials", () =>
      Effect.gen(function*() {
        const { home: makeHome, run, tool } = yield* Cli
        const home = makeHome({ current: "plain", profiles })
        const kept = {
          ALIBABA_CLOUD_REGION_ID: "cn-beijing",
          ALIBABA_CLOUD_ENDPOINT: "ecs.example.com",
          ALIBABA_CLOUD_STS_REGION: "cn-beijing",
          ALIBABA_CLOUD_USER_AGENT: "tests",
          PROFILE: "of something else"
        }
        const { err, out } = yield* run([...tool, "exec", ...selected, "--", ...printEnvironment], {
          env: { ...decoys, ...kept, ALIBABA_CLOUD_CONFIG_FILE: `${home}/.aliyun/config.json` },
          home
        })
        const variables = environmentOf(out)
        assert.deepStrictEqual(Object.entries(variables).filter(([, value]) => value === "decoy"), [], err)
        for (const [name, value] of Object.entries(kept)) assert.strictEqual(variables[name], value)
        assert.match(
          variables["ALIBABA_CLOUD_CREDENTIALS_URI"] ?? "",
          /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/credentials$/
        )
        assert.strictEqual(variables["ALIBABA_CLOUD_CLI_PROFILE_DISABLED"], "true")
        assert.strictEqual(variables["ALIBABA_CLOUD_IGNORE_PROFILE"], "TRUE")
        assert.strictEqual(variables["ALIBABA_CLOUD_ECS_METADATA_DISABLED"], "true")
        assert.isUndefined(variables["ALIBABA_CLOUD_CREDENTIALS_FILE"])
        assert.isUndefined(variables["NO_PROXY"])
        assert.isUndefined(variables["ALIBABA_CLOUD_CONFIG_FILE"])
        assert.notInclude(out, key.secret)
      }))

    test("--static exports the keys instead, and nothing else", () =>
      Effect.gen(function*() {
        const { client, run, tool } = yield* Cli
        const exec = [...tool, "exec", "--static", "--profile", "plain", "--"]
        const { err, out } = yield* run([...exec, ...printEnvironment], { env: decoys })
        const variables = environmentOf(out)
        assert.deepStrictEqual(Object.entries(variables).filter(([, value]) => value === "decoy"), [], err)
        assert.strictEqual(variables["ALIBABA_CLOUD_ACCESS_KEY_ID"], key.id)
        assert.strictEqual(variables["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], key.secret)
        for (const prefix of ["OSS", "ALIYUN"]) {
          assert.strictEqual(variables[`${prefix}_ACCESS_KEY_ID`], key.id)
          assert.strictEqual(variables[`${prefix}_ACCESS_KEY_SECRET`], key.secret)
        }
        for (const name of ["ALIBABA_CLOUD_SECURITY_TOKEN", "OSS_SESSION_TOKEN"]) assert.isUndefined(variables[name])
        assert.isUndefined(variables["ALIBABA_CLOUD_CREDENTIALS_URI"])
        const { reads } = reportIn(yield* run([...exec, ...client, "official"], { env: decoys }))
        assert.deepStrictEqual(reads.map(({ accessKeyId, providerName }) => [accessKeyId, providerName]), [
          [key.id, "default/env"]
        ])
      }))

    test("--static exports a session under the names that OSS tools read, and none that cannot hold its token", () =>
      Effect.gen(function*() {
        const { run, tool } = yield* Cli
        const { out } = yield* run([...tool, "exec", "--static", ...selected, "--", ...printEnvironment])
        const variables = environmentOf(out)
        assert.match(variables["OSS_ACCESS_KEY_ID"] ?? "", /^STS\./)
        assert.isNotEmpty(variables["OSS_SESSION_TOKEN"])
        for (const [name, common] of [["ACCESS_KEY_ID"], ["ACCESS_KEY_SECRET"], ["SESSION_TOKEN", "SECURITY_TOKEN"]]) {
          assert.strictEqual(variables[`OSS_${name}`], variables[`ALIBABA_CLOUD_${common ?? name}`])
        }
        assert.isUndefined(variables["ALIYUN_ACCESS_KEY_ID"])
        assert.isUndefined(variables["ALIYUN_ACCESS_KEY_SECRET"])
      }))

    test(
      "tells the shell, which it runs without a command, profile, end and region, and what it runs in there",
      () =>
        Effect.gen(function*() {
          const { home: makeHome, start, tool } = yield* Cli
          const home = makeHome({
            current: "plain",
            profiles: profiles.map((profile) => ({ ...profile, region_id: `cn-${profile.name}` }))
          })
          const running = yield* start([...tool, "exec", ...selected], {
            env: { SHELL: "/bin/sh", ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" },
            home
          })
          const words = (command: ReadonlyArray<string>) =>
            command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")
          const inner = (...args: ReadonlyArray<string>) =>
            `${words([...tool, ...args])} -- ${words(printEnvironment)}\n`
          running.process.stdin.end(
            `${words(printEnvironment)}\n` +
              inner("exec") +
              inner("exec", "--static", "--profile", "plain") +
              `${words([...tool, "get", "--format", "json", "--profile", "plain"])} | tr -d '\\n'; echo\n` +
              `${words([...tool, "get", "--format", "json"])} | tr -d '\\n'; echo\n`
          )
          const { code } = yield* running.ended
          assert.strictEqual(code, 0, running.err())
          const [outer, same, other, plain, mixed] = running.out().trim().split("\n").map((line) => JSON.parse(line))
          const told = (variables: Record<string, string | undefined>) =>
            ["CREDENTIALS_PROFILE", "REGION_ID"].map((name) =>
              variables[`ALICLOUD_${name}`] ?? variables[`ALIBABA_CLOUD_${name}`]
            )
          assert.deepStrictEqual(told(outer), ["deploy", "cn-deploy"])
          assert.match(outer["ALICLOUD_CREDENTIALS_EXPIRATION"], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
          assert.deepStrictEqual(told(same), ["deploy", "cn-deploy"])
          assert.strictEqual(same["ALICLOUD_CREDENTIALS_EXPIRATION"], outer["ALICLOUD_CREDENTIALS_EXPIRATION"])
          assert.match(same["ALIBABA_CLOUD_CREDENTIALS_URI"], /^http/)
          assert.notStrictEqual(same["ALIBABA_CLOUD_CREDENTIALS_URI"], outer["ALIBABA_CLOUD_CREDENTIALS_URI"])
          assert.deepStrictEqual(told(other), ["plain", "cn-plain"])
          assert.isUndefined(other["ALICLOUD_CREDENTIALS_EXPIRATION"])
          assert.isUndefined(other["ALIBABA_CLOUD_CREDENTIALS_URI"])
          assert.strictEqual(other["ALIBABA_CLOUD_ACCESS_KEY_ID"], key.id)
          assert.strictEqual(plain["accessKeyId"], key.id)
          assert.strictEqual(mixed["providerName"], "default/credential_uri")
        }),
      process.platform !== "win32"
    )

    test("hands its input to the child, its output on, and its exit code back", () =>
      Effect.gen(function*() {
        const { start, tool } = yield* Cli
        const copy = node("process.stdin.pipe(process.stdout);process.stdin.on('end',()=>process.exitCode=7)")
        const running = yield* start([...tool, "exec", "--", ...copy])
        running.process.stdin.end("x".repeat(200_000))
        assert.deepStrictEqual(yield* running.ended, { code: 7, signal: null })
        assert.strictEqual(running.out(), "x".repeat(200_000))
        assert.strictEqual(running.err(), "")
      }))

    test("gives the child its arguments as they are, options and shell signs too", () =>
      Effect.gen(function*() {
        const { run, tool } = yield* Cli
        const args = ["--profile", "x", "-h", "--", "$HOME; *", "", "a b"]
        const print = node("console.log(JSON.stringify(process.argv.slice(1)))")
        const { out } = yield* run([...tool, "exec", "--", ...print, "--", ...args])
        assert.deepStrictEqual(JSON.parse(out), args)
      }))

    test(
      "hands signals on, each once, goes on as long as the child does, and keeps serving it",
      () =>
        Effect.gen(function*() {
          const { start, tool } = yield* Cli
          const signals = ["SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGINT"] as const
          const script = `
          const seen = []
          for (const signal of new Set(${JSON.stringify(signals)})) {
            process.on(signal, () => {
              seen.push(signal)
              console.log(seen.length)
            })
          }
          process.on("SIGTERM", async () => {
            const { status } = await fetch(process.env.ALIBABA_CLOUD_CREDENTIALS_URI)
            console.log("end " + [...seen, status])
            process.exit(41)
          })
          setTimeout(() => 0, 20000)
          console.log("ready")`
          const running = yield* start([...tool, "exec", "--", ...node(script)])
          yield* running.line("ready")
          for (const [index, signal] of signals.entries()) {
            process.kill(running.pid, signal)
            yield* running.line(`${index + 1}`)
          }
          process.kill(running.pid, "SIGTERM")
          assert.strictEqual(yield* running.line("end"), `end ${signals},200`)
          assert.deepStrictEqual(yield* running.ended, { code: 41, signal: null })
        }),
      process.platform !== "win32"
    )

    test("leaves nothing behind when it is ended: no child, no server, no file", () =>
      Effect.gen(function*() {
        const { home: makeHome, start, tool } = yield* Cli
        const script = "setTimeout(()=>0,20000);const e=process.env;console.log([process.pid," +
          "e.ALIBABA_CLOUD_CREDENTIALS_URI,e.ALIBABA_CLOUD_CREDENTIALS_FILE].join(' '))"
        const home = makeHome({ current: "deploy", profiles })
        Fs.mkdirSync(`${home}/.alibabacloud`)
        Fs.writeFileSync(`${home}/.alibabacloud/credentials`, "[default]")
        const running = yield* start([...tool, "exec", "--", ...node(script)], { home })
        const [pid, uri = "", file = ""] = (yield* running.line()).split(" ")
        assert.strictEqual(Fs.readFileSync(file, "utf8"), "")
        const port = Number(new URL(uri).port)
        assert.isTrue(yield* isOpen(port))
        assert.isTrue(Fs.existsSync(file))
        process.kill(running.pid, "SIGTERM")
        assert.deepStrictEqual(yield* running.ended, { code: 143, signal: null })
        assert.isFalse(isAlive(Number(pid)))
        assert.isFalse(yield* isOpen(port))
        assert.isFalse(Fs.existsSync(dirname(file)))
      }))

    test("its server is gone when the child has ended, even with a client still connected", () =>
      Effect.gen(function*() {
        const { start, tool } = yield* Cli
        const script =
          "console.log(process.env.ALIBABA_CLOUD_CREDENTIALS_URI);process.stdin.on('end',()=>process.exit()).resume()"
        const running = yield* start([...tool, "exec", "--", ...node(script)])
        const uri = yield* running.line("http")
        const status = yield* Effect.async<number>((resume) => {
          request(uri, { headers: { connection: "keep-alive" } }, (response) => {
            response.resume()
            resume(Effect.succeed(response.statusCode ?? 0))
          }).on("error", () => undefined).end()
        })
        assert.strictEqual(status, 200)
        running.process.stdin.end()
        assert.deepStrictEqual(yield* running.ended, { code: 0, signal: null })
        assert.isFalse(yield* isOpen(Number(new URL(uri).port)))
      }))

    const script = ["/usr/bin/script", "/bin/script"].find((file) => Fs.existsSync(file)) ?? ""
    test(
      "keys of a terminal and signals to its pid alone reach the child once, through another exec too",
      () =>
        Effect.gen(function*() {
          const { start, tool } = yield* Cli
          const child = `
          const seen = { SIGINT: 0, SIGQUIT: 0 }
          for (const signal in seen) process.on(signal, () => console.log("\\n" + signal + ++seen[signal]))
          process.stdin.once("data", () => setTimeout(() => process.exit(10 * seen.SIGINT + seen.SIGQUIT), 200))
          const { readFileSync } = require("node:fs")
          console.log("\\npids " + process.ppid + " " + /\\) . (\\d+)/.exec(readFileSync("/proc/" + process.ppid + "/stat"))[1])`
          const line = [...tool, "exec", "--", ...tool, "exec", "--", ...node(child)].map((word) =>
            `'${word.replaceAll("'", "'\\''")}'`
          ).join(" ")
          const running = yield* start([script, "-qefc", `exec ${line}`, "/dev/null"])
          const [inner = 0, outer = 0] = (yield* running.line("pids")).split(" ").slice(1).map(Number)
          for (const [key, signal] of [["\u0003", "SIGINT"], ["\u001c", "SIGQUIT"]] as const) {
            running.process.stdin.write(key)
            yield* running.line(`${signal}1`)
            for (const [pid, count] of [[outer, 2], [inner, 3]] as const) {
              yield* hasTakenSignals(outer)
              yield* hasTakenSignals(inner)
              process.kill(pid, signal)
              yield* running.line(`${signal}${count}`)
            }
          }
          running.process.stdin.write("\r")
          const { code } = yield* running.ended
          assert.strictEqual(code, 33, running.out())
        }),
      process.platform === "linux" && script !== ""
    )
  })

  withCli(world(3), (test) => {
    test("lets the official client of a long-running child read through rotations without a failure", () =>
      Effect.gen(function*() {
        const { client, run, tool } = yield* Cli
        const { failures, reads } = reportIn(yield* run([...tool, "exec", "--", ...client, "official", "3"]))
        assert.deepStrictEqual(failures, [])
        assert.lengthOf(new Set(reads.map(({ accessKeyId }) => accessKeyId)), 3)
        assert.lengthOf(new Set(reads.map(({ securityToken }) => securityToken)), 3)
      }))
  })
})
