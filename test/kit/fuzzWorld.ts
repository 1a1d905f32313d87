import { CliProfile, CredentialsError, CredentialsProvider } from "@effect-alicloud/credentials"
import type { Credentials } from "@effect-alicloud/credentials"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import type { Command } from "@effect/platform"
import { CommandExecutor, FileSystem, HttpClient, HttpClientError, HttpClientResponse, Path } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import {
  Cause,
  Clock,
  ConfigProvider,
  Context,
  Duration,
  Effect,
  Exit,
  FiberRef,
  HashSet,
  Layer,
  Logger,
  LogLevel,
  Schema
} from "effect"
import type { Console } from "effect"
import { inspect } from "node:util"
import type { Dice, FuzzCase } from "../config-file/utils/fuzzFiles.ts"
import { marker } from "../config-file/utils/fuzzFiles.ts"
import { keyPair, oidcToken } from "./cloud.ts"
import * as MemoryFiles from "./memoryFiles.ts"
import { configFile, everything, program, readOnly, utf8 } from "./profileWorld.ts"

/** A clock on which pauses take no time, and time-outs never come. */
export const makeClock = (): Clock.Clock => {
  let now = Date.UTC(2026, 0, 2)
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(now) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(now) * 1_000_000n),
    sleep: (duration) => {
      const millis = Duration.toMillis(duration)
      return millis < 1500
        ? Effect.sync(() => {
          now += Math.ceil(millis)
        })
        : Effect.async<void>(() => undefined)
    }
  }
}

/** A network that repeats everything it is told, in every place of an answer. */
const echo = (dice: Dice): HttpClient.HttpClient =>
  HttpClient.make((request, url) => {
    const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
    const told = `${url.href} ${body} ${request.headers["authorization"] ?? ""} ${marker}`
    const fields = {
      Code: dice.pick(["Success", marker, told, "NoPermission"]),
      ErrorCode: told,
      error: dice.pick(["invalid_grant", told]),
      error_description: told,
      Message: told,
      RequestId: told,
      AccessKeyId: [told],
      Expiration: told,
      access_token: told
    }
    const text = dice.pick([JSON.stringify(fields), told, JSON.stringify(told), `<Code>${told}</Code>`, ""])
    const status = dice.pick([200, 200, 400, 401, 403, 404, 429, 500, 302])
    return Effect.succeed(
      HttpClientResponse.fromWeb(request, new Response(text, { status, headers: { location: url.href } }))
    )
  })

const noNetwork: HttpClient.HttpClient = HttpClient.make((request, url) =>
  new HttpClientError.RequestError({
    request,
    reason: "Transport",
    cause: Object.assign(new Error(`connect to ${url.href} failed`), { code: "ECONNREFUSED" })
  })
)

/** A machine on which programs do not start; the error holds the command line, as that of Node.js. */
const noPrograms = CommandExecutor.makeExecutor((command: Command.Command) =>
  new SystemError({
    module: "Command",
    method: "spawn",
    reason: "NotFound",
    pathOrDescriptor: command._tag === "StandardCommand" ? [command.command, ...command.args].join(" ") : "",
    description: marker
  })
)

const filesOf = (dice: Dice, { bytes }: FuzzCase): FileSystem.FileSystem => {
  const others = { "/token": oidcToken, "/key.pem": keyPair.privateKey }
  if (dice.chance(0.5)) {
    const texts = Object.entries(others).map(([path, text]) => [path, utf8(text)] as const)
    return readOnly({ ...Object.fromEntries(texts), [configFile]: bytes })
  }
  const files = MemoryFiles.make()
  for (const [path, text] of Object.entries(others)) files.put(path, text)
  files.put(configFile, new TextDecoder().decode(bytes))
  return files.fileSystem
}

/** A cloud for many cases: their logins rotate, but nobody else's. */
const sharedCloud = FakeAlicloud.layer({ ...everything, oauthLogins: [] })

const oauthCloud = FakeAlicloud.layer({ oauthLogins: everything.oauthLogins ?? [] })

/** The networks of a batch of cases. */
export const networks = Effect.map(
  Layer.build(sharedCloud),
  (context) => (dice: Dice, fuzzCase: FuzzCase): Effect.Effect<HttpClient.HttpClient> => {
    if (dice.chance(0.15)) return Effect.succeed(echo(dice))
    if (dice.chance(0.1)) return Effect.succeed(noNetwork)
    const cloud = fuzzCase.mode === "OAuth" ? Layer.build(oauthCloud) : Effect.succeed(context)
    return Effect.scoped(Effect.map(Effect.orDie(cloud), Context.get(HttpClient.HttpClient)))
  }
)

const posix = Effect.runSync(Effect.provide(Path.Path, Path.layer))

/** Everything that can be seen of a case. */
export interface Observed {
  readonly exit: Exit.Exit<Credentials.Credentials, CredentialsError.CredentialsError>
  readonly renderings: ReadonlyArray<string>
}

const loggers = [Logger.logfmtLogger, Logger.jsonLogger, Logger.structuredLogger]

const pretty = Logger.prettyLogger({ colors: false, mode: "tty" })

/** Collects what the pretty logger prints. */
const consoleOf = (print: (...args: ReadonlyArray<unknown>) => void): Console.Console =>
  ({
    unsafe: { log: print, error: print, group: print, groupCollapsed: print, groupEnd: () => undefined }
  }) as unknown as Console.Console

const encodeError = Schema.encodeSync(CredentialsError.CredentialsError)

const show = (value: unknown): string => inspect(value, { depth: 20, showHidden: true })

const ofExit = (exit: Observed["exit"]): ReadonlyArray<string> => [
  JSON.stringify(exit),
  show(exit),
  ...Exit.match(exit, {
    onSuccess: (credentials) => [String(credentials), JSON.stringify(credentials)],
    onFailure: (cause) => [
      Cause.pretty(cause, { renderErrorCause: true }),
      ...Array.from(Cause.failures(cause)).flatMap((error) => [
        error.message,
        String(error),
        JSON.stringify(error),
        JSON.stringify(encodeError(error))
      ])
    ]
  })
]

/** Resolves the file once, and logs what came of it. */
export const observe = (
  dice: Dice,
  fuzzCase: FuzzCase,
  client: HttpClient.HttpClient
): Effect.Effect<Observed> =>
  Effect.suspend(() => {
    const renderings: Array<string> = []
    const logger = Logger.make((options) => {
      for (const each of loggers) {
        const rendered: unknown = each.log(options)
        renderings.push(typeof rendered === "string" ? rendered : show(rendered))
      }
      pretty.log(options)
    })
    const env = new Map([["HOME", "/home"]])
    if (dice.chance(0.1)) env.set("ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS", "true")
    if (dice.chance(0.05)) env.set("ALIBABA_CLOUD_PROFILE", "other")
    const services = Context.make(FileSystem.FileSystem, filesOf(dice, fuzzCase)).pipe(
      Context.add(HttpClient.HttpClient, client),
      Context.add(CommandExecutor.CommandExecutor, dice.chance(0.3) ? noPrograms : program([])),
      Context.add(Path.Path, posix)
    )
    return Effect.gen(function*() {
      const source = yield* CliProfile.make({ profileName: fuzzCase.profileName })
      const provider = yield* CredentialsProvider.make(source)
      const exit = yield* Effect.exit(provider.get)
      yield* Exit.isFailure(exit) ? Effect.logError("failed", exit.cause) : Effect.logInfo("found", exit.value)
      renderings.push(...ofExit(exit), show(yield* provider.report))
      return { exit, renderings }
    }).pipe(
      Effect.scoped,
      Effect.orDie,
      Effect.provide(services),
      Effect.locally(FiberRef.currentLoggers, HashSet.make(logger)),
      Logger.withMinimumLogLevel(LogLevel.All),
      Effect.withConfigProvider(ConfigProvider.fromMap(env)),
      Effect.withConsole(consoleOf((...args) => {
        renderings.push(...args.map((arg) => typeof arg === "string" ? arg : show(arg)))
      })),
      Effect.withClock(makeClock())
    )
  })
