import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { ConfigProvider, Context, Effect, Layer } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { run } from "../../packages/cli/src/Cli.ts"
import { Screen } from "../../packages/cli/src/internal/screen.ts"

export interface Given {
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Files of the home directory, by their path there. */
  readonly files?: Readonly<Record<string, string>> | undefined
  readonly world?: FakeAlicloud.WorldInput | undefined
  /** A terminal of so many columns; without it the output goes to a pipe. */
  readonly columns?: number | undefined
}

export interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly home: string
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
    const stream = (name: keyof typeof written) => ({
      isTTY: given.columns !== undefined,
      columns: given.columns ?? 0,
      write: (text: string | Uint8Array) => {
        written[name] += String(text)
        return true
      }
    })
    const machine = Layer.merge(NodePlatform.layer, Layer.succeedContext(context))
    const code = yield* run(args, machine).pipe(
      Effect.provideService(Screen, { out: stream("out"), err: stream("err") }),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ HOME: folder, ...given.env }))))
    )
    return { code, ...written, home: folder, cloud: Context.get(context, FakeAlicloud.FakeAlicloud) }
  }).pipe(Effect.scoped)
