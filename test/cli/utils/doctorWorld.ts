import type { JournalEntry } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as NodePath from "@effect/platform-node/NodePath"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { Scope } from "effect"
import { ConfigProvider, Context, Effect, Fiber, Layer, Option, TestClock } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { run } from "../../../packages/cli/src/Cli.ts"
import { Screen } from "../../../packages/cli/src/internal/screen.ts"
import type { Case } from "../../kit/chainCase.ts"
import { placeHome, start } from "../../kit/chainWorld.ts"
import * as RealWork from "../../kit/realWork.ts"

/** What a command left behind. */
export interface Finished {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly home: string
  readonly journal: ReadonlyArray<JournalEntry>
}

const makeHome = ({ files, path }: Case): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const home = Fs.mkdtempSync(Path.join(Os.tmpdir(), "doctor-"))
      if (files.size > 0) Fs.cpSync(Path.join(path, "fs"), home, { recursive: true })
      for (const [name, text] of files) {
        if (text.includes("{home}")) Fs.writeFileSync(Path.join(home, name), placeHome(text, home))
      }
      return home
    }),
    (home) => Effect.sync(() => Fs.rmSync(home, { recursive: true, force: true }))
  )

const noPrograms = Layer.succeed(
  CommandExecutor.CommandExecutor,
  CommandExecutor.makeExecutor(() => Effect.dieMessage("a program was started"))
)

const turn = Effect.async<void>((resume) => {
  setTimeout(() => resume(Effect.void), 1)
})

/** How often in a row there must be nothing to do before the clock may move. */
const quietTurns = 5

const patience = 5_000

/** Runs an effect to its end; the clock moves from one moment at which something is due to the next. */
const drive = <A, E, R>(self: Effect.Effect<A, E, R>, isBusy: () => boolean): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(self)
    let quiet = 0
    for (let turns = 0; Option.isNone(yield* Fiber.poll(fiber)); turns++) {
      if (turns > patience) return yield* Effect.dieMessage("it waits for something that does not happen")
      yield* turn
      quiet = isBusy() ? 0 : quiet + 1
      const next = Math.min(...(yield* TestClock.sleeps()))
      if (quiet > quietTurns && Number.isFinite(next)) {
        yield* TestClock.setTime(next)
        quiet = 0
      }
    }
    return yield* Fiber.join(fiber)
  })

/** Runs a command line in the world of a case of the default chain. */
export const inCase = (chainCase: Case, args: ReadonlyArray<string>): Effect.Effect<Finished, never, Scope.Scope> =>
  Effect.gen(function*() {
    const home = yield* makeHome(chainCase)
    const variables = Object.entries<string | null>({ HOME: "{home}", ...chainCase.env })
      .flatMap(([name, value]) => value === null ? [] : [[name, placeHome(value, home)] as const])
    const work = RealWork.make(chainCase.world)
    const services = yield* Effect.orDie(Layer.build(Layer.mergeAll(NodePath.layer, noPrograms, work.layer)))
    const written = { out: "", err: "" }
    const stream = (name: keyof typeof written) => ({
      isTTY: false,
      columns: 0,
      write: (text: string | Uint8Array) => {
        written[name] += String(text)
        return true
      }
    })
    yield* TestClock.setTime(start)
    const code = yield* drive(
      run(args, Layer.succeedContext(services)).pipe(
        Effect.provideService(Screen, { out: stream("out"), err: stream("err") }),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(variables)))
      ),
      work.isBusy
    )
    return { code, ...written, home, journal: yield* Context.get(services, FakeAlicloud).journal }
  })
