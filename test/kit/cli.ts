import { Browser } from "@effect-alicloud/credentials/LoginServices"
import { HomeDirectory } from "@effect-alicloud/credentials/Platform"
import * as NodeLogin from "@effect-alicloud/node/NodeLogin"
import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import type * as HttpClient from "@effect/platform/HttpClient"
import { ConfigProvider, Context, Effect, Layer, Option } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { PassThrough } from "node:stream"
import { run } from "../../packages/cli/src/Cli.ts"
import { Machine } from "../../packages/cli/src/commands/login.ts"
import { Stopped } from "../../packages/cli/src/internal/failure.ts"
import { Keyboard } from "../../packages/cli/src/internal/keyboard.ts"
import { Screen } from "../../packages/cli/src/internal/screen.ts"
import { Signals } from "../../packages/cli/src/internal/signals.ts"

export interface Given {
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Files of the home directory, by their path there. */
  readonly files?: Readonly<Record<string, string>> | undefined
  readonly world?: FakeAlicloud.WorldInput | undefined
  /** Takes the address that the program opens; without it there is no browser. */
  readonly browser?: ((address: string) => Effect.Effect<unknown, unknown, HttpClient.HttpClient>) | undefined
  /** The lines that are pasted once an address is shown; without it the input has ended. */
  readonly pastes?:
    | ((address: string) => Effect.Effect<ReadonlyArray<string>, unknown, HttpClient.HttpClient>)
    | undefined
  /** The keys that are typed at the terminal, at each list that is shown. */
  readonly keys?: ReadonlyArray<string> | undefined
  /** Whether the system knows no home directory. */
  readonly homeless?: boolean | undefined
  /** The time after which Ctrl-C is pressed. */
  readonly stopAfter?: Effect.Effect<unknown> | undefined
  /** A terminal of so many columns; without it the output goes to a pipe. */
  readonly columns?: number | undefined
}

export interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly home: string
  /** The files of the home directory afterwards, by their path there. */
  readonly files: Readonly<Record<string, string>>
  readonly cloud: Context.Tag.Service<FakeAlicloud.FakeAlicloud>
}

const home = Effect.acquireRelease(
  Effect.sync(() => Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), "cli-home-")))),
  (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
)

const write = (home: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    const file = Path.join(home, name)
    Fs.mkdirSync(Path.dirname(file), { recursive: true })
    Fs.writeFileSync(file, text, { mode: 0o600 })
  }
}

const filesIn = (home: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Fs.readdirSync(home, { recursive: true, withFileTypes: true, encoding: "utf8" }).filter((entry) => entry.isFile())
      .map((entry) => Path.join(entry.parentPath, entry.name))
      .map((file) => [Path.relative(home, file), Fs.readFileSync(file, "utf8")])
  )

/**
 * Runs a command line in this process: real files in a home directory of its own, an in-memory fake cloud as the
 * network, nothing of this process' environment.
 */
export const cli = (args: ReadonlyArray<string>, given: Given = {}): Effect.Effect<Finished> =>
  Effect.gen(function*() {
    const folder = yield* home
    write(folder, given.files ?? {})
    const context = yield* Effect.orDie(Layer.build(FakeAlicloud.layer(given.world)))
    const written = { out: "", err: "" }
    const typed = Object.assign(new PassThrough(), { isTTY: given.keys !== undefined, setRawMode: () => undefined })
    const keys = [...given.keys ?? []]
    if (given.keys === undefined && given.pastes === undefined) typed.end()
    const paste = (address: string): void => {
      void Effect.runPromise(Effect.provide(given.pastes!(address), context)).then((lines) => {
        typed.end(lines.map((line) => `${line}\n`).join(""))
      })
    }
    const stream = (name: keyof typeof written) => ({
      isTTY: given.columns !== undefined,
      columns: given.columns ?? 0,
      write: (text: string | Uint8Array) => {
        written[name] += String(text)
        const [, address] = /\n {2}(https:\S+)\n/.exec(String(text)) ?? []
        if (/Which [\w ]+\?\S* \n/.test(String(text))) setImmediate(() => typed.write(keys.shift() ?? ""))
        if (address !== undefined && given.pastes !== undefined) paste(address)
        return true
      }
    })
    const { browser } = given
    const opening = Layer.succeed(Browser, {
      open: (address) =>
        browser === undefined
          ? Effect.succeed(false)
          : Effect.as(Effect.forkDaemon(Effect.provide(browser(address), context)), true)
    })
    const machine = Layer.mergeAll(
      NodePlatform.layer,
      Layer.succeedContext(context),
      given.homeless === true ? Layer.succeed(HomeDirectory, Option.none()) : Layer.empty
    )
    const code = yield* run(args, machine).pipe(
      Effect.provideService(Machine, Layer.merge(NodeLogin.layerCallback, opening)),
      Effect.provideService(Keyboard, { input: typed, interrupt: () => undefined }),
      Effect.provideService(
        Signals,
        given.stopAfter === undefined
          ? Effect.never
          : Effect.zipRight(given.stopAfter, Effect.fail(new Stopped({ code: 130 })))
      ),
      Effect.provideService(Screen, { out: stream("out"), err: stream("err") }),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ HOME: folder, ...given.env }))))
    )
    return {
      code,
      ...written,
      home: folder,
      files: filesIn(folder),
      cloud: Context.get(context, FakeAlicloud.FakeAlicloud)
    }
  }).pipe(Effect.scoped)
