/** Predicts what sources that were not tried would do, without the network, without programs, and without writing. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import type * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as CommandExecutor from "@effect/platform/CommandExecutor"
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type { Definition } from "../internal/sources.ts"
import { Sources } from "../internal/sources.ts"

/** `usable` as far as can be determined offline; `broken` for certain. */
export type Prospect =
  | { readonly _tag: "usable"; readonly source: string }
  | { readonly _tag: "broken"; readonly source: string; readonly error: CredentialsError }

const denied = (method: string) => (): Effect.Effect<never, SystemError> =>
  new SystemError({ reason: "PermissionDenied", module: "FileSystem", method })

const readOnly = (fs: FileSystem.FileSystem): FileSystem.FileSystem =>
  FileSystem.makeNoop({
    stat: fs.stat,
    exists: fs.exists,
    realPath: fs.realPath,
    readDirectory: fs.readDirectory,
    open: (path, options) => options?.flag === "r" ? fs.open(path, options) : denied("open")(),
    link: denied("link"),
    rename: denied("rename"),
    remove: denied("remove"),
    utimes: denied("utimes")
  })

interface Gate {
  readonly services: Context.Context<DefaultChain.Requirements>
  /** Whether there was an attempt to use the network or a program since the last call. */
  readonly wasTried: () => boolean
}

const makeGate: Effect.Effect<Gate, never, FileSystem.FileSystem | Path.Path> = Effect.gen(function*() {
  let tried = false
  const attempt = Effect.sync(() => {
    tried = true
  })
  const services = Context.make(FileSystem.FileSystem, readOnly(yield* FileSystem.FileSystem)).pipe(
    Context.add(Path.Path, yield* Path.Path),
    Context.add(
      HttpClient.HttpClient,
      HttpClient.make((request) =>
        Effect.zipRight(attempt, new HttpClientError.RequestError({ request, reason: "InvalidUrl" }))
      )
    ),
    Context.add(
      CommandExecutor.CommandExecutor,
      CommandExecutor.makeExecutor(() =>
        Effect.zipRight(
          attempt,
          new SystemError({ reason: "PermissionDenied", module: "Command", method: "start" })
        )
      )
    )
  )
  return {
    services,
    wasTried: () => {
      const was = tried
      tried = false
      return was
    }
  }
})

const prospectOf = (
  { fromProfile, name: source }: Definition,
  tried: boolean,
  result: Option.Option<Either.Either<Credentials, CredentialsError>>
): Option.Option<Prospect> => {
  const error = Option.getOrUndefined(Option.flatMap(result, Either.getLeft))
  const isAbsent = error?._tag === "SourceUnavailable"
  // Whether an address that no profile names has credentials cannot be known without a request to it.
  if (isAbsent && (!tried || fromProfile === undefined)) {
    return Option.none()
  }
  return Option.some(tried || error === undefined ? { _tag: "usable", source } : { _tag: "broken", source, error })
}

/** Somebody else may hold the lock of a login for long. */
const patience = "1 second"

/** The prospects of the sources with these names. */
export const prospects = (names: ReadonlyArray<string>): Effect.Effect<
  ReadonlyArray<Prospect>,
  never,
  FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function*() {
    const { services, wasTried } = yield* makeGate
    const definitions = (yield* Sources).filter(({ name }) => names.includes(name))
    const found = yield* Effect.forEach(definitions, (definition) =>
      Effect.flatMap(Effect.provide(definition.fromEnv, services), (source) =>
        Effect.map(
          Effect.timeoutOption(Effect.either(source.get), patience),
          (result) =>
            prospectOf(definition, wasTried(), result)
        )))
    return found.flatMap(Option.toArray)
  }).pipe(Logger.withMinimumLogLevel(LogLevel.None))
