import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as Command from "@effect/platform/Command"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type { Scope } from "effect"
import { Effect, Layer } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

/** A machine as an entry of the page describes it. */
export interface Machine {
  readonly env?: Readonly<Record<string, string>>
  /** Files by their absolute path. */
  readonly files?: Readonly<Record<string, string>>
  /** The mode of all files, default 0600. */
  readonly mode?: number
  readonly cloud?: FakeAlicloud.WorldInput
  /** The code of a certificate problem that every connection has. */
  readonly untrusted?: string
  /** How every external program ends. */
  readonly exitCode?: number
}

export const home = "/home/dev"

const write = (root: string, { files = {}, mode = 0o600 }: Machine): void => {
  Fs.mkdirSync(Path.join(root, home), { recursive: true })
  for (const [name, text] of Object.entries(files)) {
    const file = Path.join(root, name)
    Fs.mkdirSync(Path.dirname(file), { recursive: true, mode: 0o755 })
    Fs.writeFileSync(file, text)
    Fs.chmodSync(file, mode)
  }
}

const makeRoot = (machine: Machine): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const root = Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), "troubleshooting-")))
      write(root, machine)
      return root
    }),
    (root) => Effect.sync(() => Fs.rmSync(root, { recursive: true, force: true }))
  )

/** The file system whose `/` is a folder. */
const within = (root: string) => (fs: FileSystem.FileSystem): FileSystem.FileSystem => {
  const inside = (value: unknown): unknown =>
    typeof value === "string" && value.startsWith("/") ? `${root}${value}` : value
  return new Proxy({ ...fs, realPath: (path) => Effect.map(fs.realPath(path), (real) => real.slice(root.length)) }, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      return typeof member === "function"
        ? (...given: ReadonlyArray<unknown>) => Reflect.apply(member, target, given.map(inside))
        : member
    }
  })
}

const withoutTrust = (code: string): HttpClient.HttpClient =>
  HttpClient.make((request) =>
    new HttpClientError.RequestError({
      request,
      reason: "Transport",
      cause: Object.assign(new Error("the certificate is not trusted"), { code })
    })
  )

const endingWith = (code: number) => (executor: CommandExecutor.CommandExecutor): CommandExecutor.CommandExecutor =>
  CommandExecutor.makeExecutor(() => executor.start(Command.make(process.execPath, "-e", `process.exit(${code})`)))

/** The machine's services; its network is a fake cloud in memory. */
export const layer = (machine: Machine) =>
  Layer.unwrapScoped(Effect.map(makeRoot(machine), (root) => {
    const files = Layer.effect(FileSystem.FileSystem, Effect.map(FileSystem.FileSystem, within(root)))
    const cloud = Layer.orDie(FakeAlicloud.layer(machine.cloud))
    return Layer.mergeAll(
      Layer.provideMerge(files, NodePlatform.layer),
      machine.untrusted === undefined
        ? cloud
        : Layer.merge(cloud, Layer.succeed(HttpClient.HttpClient, withoutTrust(machine.untrusted))),
      machine.exitCode === undefined
        ? Layer.empty
        : Layer.provide(
          Layer.effect(
            CommandExecutor.CommandExecutor,
            Effect.map(CommandExecutor.CommandExecutor, endingWith(machine.exitCode))
          ),
          NodePlatform.layer
        )
    )
  }))
