import type { Credentials, CredentialsError } from "@effect-alicloud/credentials"
import { CredentialsProvider, DefaultChain } from "@effect-alicloud/credentials"
import type { JournalEntry } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as NodePathLayer from "@effect/platform-node/NodePath"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import type { Exit, Fiber, Scope } from "effect"
import { Clock, ConfigProvider, Context, Effect, Layer, Logger, LogLevel, TestClock, Tracer } from "effect"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import type { Case } from "./chainCase.ts"
import * as RealWork from "./realWork.ts"

/** When every case begins. */
export const start = Date.UTC(2026, 0, 2, 3, 4, 5)

/** Everything that can be seen of a case. */
export interface Observed {
  readonly exit: Exit.Exit<Credentials.Credentials, CredentialsError.CredentialsError>
  /** When the chain was done. */
  readonly end: number
  readonly report: CredentialsProvider.ChainReport
  readonly journal: ReadonlyArray<JournalEntry>
  readonly logged: ReadonlyArray<Logger.Logger.Options<unknown>>
  readonly spans: ReadonlyArray<Tracer.Span>
  readonly home: string
}

export const placeHome = (text: string, home: string): string => text.replaceAll("{home}", home)

/** A home directory with the case's files, in which `{home}` is its path. */
const makeHome = ({ files, path }: Case): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const home = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "default-chain-"))
      if (files.size > 0) NodeFs.cpSync(NodePath.join(path, "fs"), home, { recursive: true })
      for (const [name, text] of files) {
        if (text.includes("{home}")) NodeFs.writeFileSync(NodePath.join(home, name), placeHome(text, home))
      }
      return home
    }),
    (home) => Effect.sync(() => NodeFs.rmSync(home, { recursive: true, force: true }))
  )

const noPrograms = Layer.succeed(
  CommandExecutor.CommandExecutor,
  CommandExecutor.makeExecutor(() => Effect.dieMessage("a case has started a program"))
)

const turn = Effect.async<void>((resume) => {
  setTimeout(() => resume(Effect.void), 1)
})

/** How often in a row there must be nothing to do before the clock may move. */
const quietTurns = 5

/** Waits until the fiber is done or waits for the clock. */
const settle = (fiber: Fiber.RuntimeFiber<unknown>, isBusy: () => boolean): Effect.Effect<void> =>
  Effect.iterate(0, {
    while: (quiet) => quiet < quietTurns && fiber.unsafePoll() === null,
    body: (quiet) => Effect.map(turn, () => isBusy() ? 0 : quiet + 1)
  })

const maxMillis = 60_000

/** Moves the clock from one moment at which something is due to the next, until the fiber is done. */
const drive = (fiber: Fiber.RuntimeFiber<unknown>, isBusy: () => boolean): Effect.Effect<void> =>
  Effect.gen(function*() {
    yield* settle(fiber, isBusy)
    while (fiber.unsafePoll() === null) {
      const next = Math.min(...(yield* TestClock.sleeps()))
      if (next > start + maxMillis) return yield* Effect.dieMessage(`no end within ${maxMillis} ms`)
      yield* TestClock.setTime(next)
      yield* settle(fiber, isBusy)
    }
  })

/** Resolves the default chain once in the case's world. */
export const observe = (chainCase: Case): Effect.Effect<Observed, never, Scope.Scope> =>
  Effect.gen(function*() {
    const home = yield* makeHome(chainCase)
    const logged: Array<Logger.Logger.Options<unknown>> = []
    const spans: Array<Tracer.Span> = []
    const { context, span } = yield* Effect.tracer
    const tracer = Tracer.make({
      context,
      span: (...args) => {
        const made = span(...args)
        spans.push(made)
        return made
      }
    })
    const variables = Object.entries<string | null>({ HOME: "{home}", ...chainCase.env })
      .flatMap(([name, value]) => value === null ? [] : [[name, placeHome(value, home)] as const])
    const chain = chainCase.strict ? DefaultChain.layerStrict : DefaultChain.layer
    const work = RealWork.make(chainCase.world)
    const world = Layer.mergeAll(NodePathLayer.layer, noPrograms, work.layer)

    yield* TestClock.setTime(start)
    return yield* Effect.gen(function*() {
      const services = yield* Effect.orDie(Layer.build(Layer.provideMerge(chain, world)))
      const provider = Context.get(services, CredentialsProvider.CredentialsProvider)
      const fiber = yield* Effect.fork(Effect.zip(Effect.exit(provider.get), Clock.currentTimeMillis))
      yield* drive(fiber, work.isBusy)
      const [exit, end] = yield* fiber
      return {
        exit,
        end,
        report: yield* provider.report,
        journal: yield* Context.get(services, FakeAlicloud).journal,
        logged,
        spans,
        home
      }
    }).pipe(
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(variables))),
      Effect.withTracer(tracer),
      Effect.provide(Layer.merge(
        Logger.minimumLogLevel(LogLevel.All),
        Logger.add(Logger.make((options) => {
          logged.push(options)
        }))
      ))
    )
  })
