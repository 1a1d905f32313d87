import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as Fake from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { afterAll, assert, it } from "@effect/vitest"
import type { Scope } from "effect"
import { Context, Deferred, Effect, Exit, Layer, ManagedRuntime } from "effect"
import type { ChildProcessWithoutNullStreams } from "node:child_process"
import { spawn } from "node:child_process"
import * as Fs from "node:fs"
import { join } from "node:path"
import { bundleFile, bundleTool } from "../../kit/bundles.ts"
import { makeFolder } from "../../kit/children.ts"

const roleArn = "acs:ram::1234567890123456:role/deploy"

export const key = { id: "LTAI5tLaptop", secret: "s3cr3t-laptop-key" }

/** Sessions of the aliyun CLI's profile `deploy`, asked for 900 seconds. */
export const world = (sessionSeconds = 900): WorldInput => ({
  users: [{ name: "laptop", accessKeyId: key.id, accessKeySecret: key.secret }],
  roles: [{ arn: roleArn, trustedUsers: ["laptop"] }],
  sessionSecondsScale: sessionSeconds / 900
})

const pair = { access_key_id: key.id, access_key_secret: key.secret }

export const profiles = [
  {
    name: "deploy",
    mode: "RamRoleArn",
    ...pair,
    ram_role_arn: roleArn,
    ram_session_name: "test",
    expired_seconds: 900
  },
  { name: "plain", mode: "AK", ...pair },
  { name: "nobody", mode: "Anonymous" }
]

/** What is left of the OAuth profile `dev` after a logout. */
export const loggedOut = {
  name: "dev",
  mode: "OAuth",
  oauth_site_type: "CN",
  region_id: "cn-hangzhou",
  output_format: "json",
  language: "en"
}

export interface Read {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken: string | undefined
  readonly providerName: string | undefined
}

/** What a client saw, one of each key. */
export interface Report {
  readonly reads: ReadonlyArray<Read>
  readonly failures: ReadonlyArray<string>
  readonly warnings: ReadonlyArray<string>
}

export interface Ended {
  /** As a shell has it in `$?`. */
  readonly code: number
  readonly signal: NodeJS.Signals | null
}

export interface Running {
  readonly process: ChildProcessWithoutNullStreams
  readonly pid: number
  readonly out: () => string
  readonly err: () => string
  /** Waits until its output holds a whole line that begins so, and answers with it. */
  readonly line: (start?: string) => Effect.Effect<string>
  readonly ended: Effect.Effect<Ended>
}

export interface Settings {
  readonly env?: NodeJS.ProcessEnv | undefined
  /** The profile of the aliyun CLI that is current. */
  readonly current?: string | undefined
  readonly home?: string | undefined
  /** Whether it leads a group of processes of its own. */
  readonly detached?: boolean | undefined
}

/** The tool, and programs that use it, as processes whose cloud is a fake one. */
export class Cli extends Context.Tag("test/cli/Cli")<Cli, {
  readonly cloud: Context.Tag.Service<Fake.FakeAlicloud>
  /** The port of the cloud's services. */
  readonly httpsPort: number
  /** What to run the tool with. */
  readonly tool: ReadonlyArray<string>
  /** What to run a client with. */
  readonly client: ReadonlyArray<string>
  readonly home: (config: unknown) => string
  readonly start: (
    command: ReadonlyArray<string>,
    settings?: Settings
  ) => Effect.Effect<Running, never, Scope.Scope>
  /** Runs to the end. */
  readonly run: (
    command: ReadonlyArray<string>,
    settings?: Settings
  ) => Effect.Effect<Ended & { readonly out: string; readonly err: string }>
}>() {}

/** A process that is killed when the scope closes. */
const startProcess = (
  [file = "", ...args]: ReadonlyArray<string>,
  options: { readonly env: NodeJS.ProcessEnv; readonly detached: boolean }
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.gen(function*() {
    const ended = yield* Deferred.make<Ended>()
    const written = { out: "", err: "" }
    const listeners = new Set<() => void>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(file, args, { ...options, stdio: "pipe" })),
      (child) => Effect.zipRight(Effect.sync(() => child.kill("SIGKILL")), Deferred.await(ended))
    )
    child.stdin.on("error", () => undefined)
    child.stdout.on("data", (chunk) => {
      written.out += String(chunk)
      for (const listener of listeners) listener()
    })
    child.stderr.on("data", (chunk) => {
      written.err += String(chunk)
    })
    child.on("error", () => undefined)
    child.on("close", (code, signal) => Deferred.unsafeDone(ended, Exit.succeed({ code: code ?? -1, signal })))
    const line = (start: string): Effect.Effect<string> =>
      Effect.async((resume) => {
        const look = (): void => {
          const lines = written.out.split("\n").slice(0, -1)
          const found = lines.find((line) => line.startsWith(start))
          if (found !== undefined) {
            listeners.delete(look)
            resume(Effect.succeed(found))
          }
        }
        listeners.add(look)
        look()
      })
    return {
      process: child,
      pid: child.pid ?? -1,
      out: () => written.out,
      err: () => written.err,
      line: (start = "") =>
        Effect.raceFirst(
          line(start),
          Effect.flatMap(
            Deferred.await(ended),
            () => Effect.dieMessage(`the process has ended without saying ${start}: ${written.out}${written.err}`)
          )
        ),
      ended: Deferred.await(ended)
    }
  })

const make = Effect.gen(function*() {
  const cloud = yield* Fake.FakeAlicloud
  const server = yield* FakeAlicloudServer.FakeAlicloudServer
  const metadata = yield* bundleFile(new URL("../fixtures/metadata.ts", import.meta.url))
  const client = yield* bundleFile(new URL("../fixtures/client.ts", import.meta.url))
  const tool = join(yield* bundleTool, "main.js")
  const homes = yield* makeFolder("homes-")
  let made = 0

  const home = (config: unknown): string => {
    const folder = join(homes, `${++made}`)
    Fs.mkdirSync(join(folder, ".aliyun"), { recursive: true })
    Fs.writeFileSync(join(folder, ".aliyun/config.json"), JSON.stringify(config), { mode: 0o600 })
    return folder
  }

  const start = (command: ReadonlyArray<string>, settings: Settings = {}) =>
    startProcess(command, {
      detached: settings.detached ?? false,
      env: {
        PATH: process.env["PATH"],
        HOME: settings.home ?? home({ current: settings.current ?? "deploy", profiles }),
        ...server.nodeEnvironment,
        NODE_OPTIONS: `${server.nodeEnvironment["NODE_OPTIONS"]} --import=${metadata}`,
        ...settings.env
      }
    })

  return Cli.of({
    cloud,
    httpsPort: server.httpsPort,
    tool: [process.execPath, tool],
    client: [process.execPath, client],
    home,
    start,
    run: (command, settings) =>
      Effect.scoped(Effect.gen(function*() {
        const running = yield* start(command, settings)
        running.process.stdin.end()
        const ended = yield* running.ended
        return { ...ended, out: running.out(), err: running.err() }
      }))
  })
})

const layer = (input: WorldInput): Layer.Layer<Cli> =>
  Layer.orDie(Layer.provide(Layer.scoped(Cli, make), FakeAlicloudServer.layer(input)))

/**
 * Tests that share one fake cloud. (`layer` of `@effect/vitest` changes the `it` of all files that a worker runs.)
 */
export const withCli = (
  input: WorldInput,
  define: (
    test: (title: string, self: () => Effect.Effect<void, unknown, Cli | Scope.Scope>, runs?: boolean) => void
  ) => void
): void => {
  const runtime = ManagedRuntime.make(layer(input))
  afterAll(() => runtime.dispose())
  define((title, self, runs = true) =>
    it.scopedLive.skipIf(!runs)(title, () => Effect.provide(self(), runtime), 180_000)
  )
}

/** What a client reported as its only output. */
export const reportIn = ({ err, out }: { readonly out: string; readonly err: string }): Report => {
  const line = out.trim().split("\n").at(-1) ?? ""
  return line.startsWith("{") ? JSON.parse(line) as Report : assert.fail(`there is no report: ${out}${err}`)
}
