import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { ConfigProvider, Duration, Effect, Layer, Logger, LogLevel, TestClock } from "effect"
import { run } from "../../../packages/cli/src/Cli.ts"
import { Screen } from "../../../packages/cli/src/internal/screen.ts"
import { driveWithin, turn } from "../../kit/drive.ts"
import type { Machine } from "./machine.ts"
import { home, layer } from "./machine.ts"

/** When everything on the page begins. */
export const start = Date.UTC(2026, 0, 2, 3, 4, 5)

const columns = 100

/** Longer than the pauses between two attempts, shorter than any time-out. */
const drive = driveWithin(500)

const environment = ({ env }: Machine): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromMap(new Map(Object.entries({ HOME: home, NO_COLOR: "1", ...env })))

/** What a command prints on a machine, in a terminal. */
export const printed = (args: ReadonlyArray<string>, machine: Machine): Effect.Effect<string> =>
  Effect.gen(function*() {
    yield* TestClock.setTime(start)
    const written: Array<string> = []
    const stream = (isTTY: boolean) => ({
      isTTY,
      columns,
      write: (text: string | Uint8Array) => written.push(String(text)) > 0
    })
    yield* run(args, layer(machine)).pipe(
      Effect.provideService(Screen, { out: stream(true), err: stream(false) }),
      Effect.withConfigProvider(environment(machine)),
      drive
    )
    return written.join("")
  })

/** Writes with Effect's logger for terminals to `lines`. */
const loggingTo = (lines: Array<string>) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    let indent = ""
    const base = yield* Effect.console
    const unsafe = {
      ...base.unsafe,
      log: (...parts: ReadonlyArray<unknown>) => {
        lines.push(`${indent}${parts.map(String).join(" ")}`)
      },
      group: () => {
        indent = "  "
      },
      groupEnd: () => {
        indent = ""
      }
    }
    const formatDate = (date: Date): string => date.toISOString().slice(11, 23)
    const logger = Logger.prettyLogger({ colors: false, mode: "tty", formatDate })
    return yield* self.pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
      Logger.withMinimumLogLevel(LogLevel.Warning),
      Effect.withConsole({ ...base, unsafe })
    )
  })

/** What an application logs that asks the default chain, and asks again `later` in a cloud with faults. */
export const logged = (
  machine: Machine,
  then?: { readonly later: Duration.DurationInput; readonly faults: ReadonlyArray<FakeAlicloud.Fault> }
): Effect.Effect<string> => {
  const lines: Array<string> = []
  const untilLogged = Effect.repeat(turn, { until: () => lines.length > 0 })
  return Effect.gen(function*() {
    const { get } = yield* CredentialsProvider.CredentialsProvider
    yield* drive(get)
    if (then !== undefined) {
      yield* (yield* FakeAlicloud.FakeAlicloud).setFaults(then.faults)
      yield* TestClock.setTime(start + Duration.toMillis(then.later))
      yield* drive(get)
    }
    yield* drive(untilLogged)
    return lines.join("\n")
  }).pipe(
    Effect.provide(Layer.provideMerge(DefaultChain.layer, layer(machine))),
    Effect.withConfigProvider(environment(machine)),
    loggingTo(lines),
    Effect.orDie,
    (self) => Effect.zipRight(TestClock.setTime(start), self)
  )
}
