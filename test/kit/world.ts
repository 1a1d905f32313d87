import type * as Credentials from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import { CredentialsProvider, type Service } from "@effect-alicloud/credentials/CredentialsProvider"
import {
  CommandExecutor,
  FileSystem,
  HttpClient,
  HttpClientError,
  type HttpClientRequest,
  HttpClientResponse
} from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import type { Scope } from "effect"
import { ConfigProvider, Context, Effect, Layer, Option, Redacted } from "effect"
import { errorOf } from "./leaks.ts"

/** What a caller without types may pass. */
export const untyped = (value: unknown): never => value as never

/** The environment of an effect, and nothing else of the machine's. */
export const withEnv = (variables: Readonly<Record<string, string>>) => <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.withConfigProvider(self, ConfigProvider.fromMap(new Map(Object.entries(variables))))

export const fileInfo = (size: number): FileSystem.File.Info => ({
  type: "File",
  size: FileSystem.Size(size),
  mode: 0o600,
  dev: 0,
  mtime: Option.none(),
  atime: Option.none(),
  birthtime: Option.none(),
  ino: Option.none(),
  nlink: Option.none(),
  uid: Option.none(),
  gid: Option.none(),
  rdev: Option.none(),
  blksize: Option.none(),
  blocks: Option.none()
})

/** A file that was opened to be read. */
export const openedFile = (bytes: Uint8Array, info: FileSystem.File.Info = fileInfo(bytes.length)): FileSystem.File => {
  let at = 0
  return {
    stat: Effect.succeed(info),
    readAlloc: (size: FileSystem.SizeInput) =>
      Effect.sync(() => {
        const chunk = bytes.slice(at, at + Number(size))
        at += chunk.length
        return Option.liftPredicate(chunk, ({ length }) => length > 0)
      })
  } as unknown as FileSystem.File
}

/** Small text files; every other path does not exist. */
export const files = (contents: Readonly<Record<string, string>>): Layer.Layer<FileSystem.FileSystem> => {
  const text = (path: string) =>
    Effect.suspend(() =>
      path in contents
        ? Effect.succeed(contents[path] ?? "")
        : new SystemError({ module: "FileSystem", method: "stat", reason: "NotFound", pathOrDescriptor: path })
    )
  return FileSystem.layerNoop({
    open: (path) => Effect.map(text(path), (content) => openedFile(new TextEncoder().encode(content))),
    stat: (path) => Effect.map(text(path), (content) => fileInfo(content.length))
  })
}

export type Answered = Response | HttpClientError.RequestError

/** A network that answers what the test says, and writes down what was sent. */
export interface Network {
  readonly requests: Array<HttpClientRequest.HttpClientRequest>
  readonly layer: Layer.Layer<HttpClient.HttpClient>
}

export const network = (
  answer: (request: HttpClientRequest.HttpClientRequest, url: URL) => Answered | Promise<Answered>
): Network => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  return {
    requests,
    layer: Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request, url) =>
        Effect.suspend((): Effect.Effect<Answered> => {
          requests.push(request)
          const answered = answer(request, url)
          return answered instanceof Promise ? Effect.promise(() => answered) : Effect.succeed(answered)
        }).pipe(
          Effect.flatMap((
            answered
          ): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> =>
            answered instanceof Response ? Effect.succeed(HttpClientResponse.fromWeb(request, answered)) : answered
          )
        )
      )
    )
  }
}

/** Programs that never end, and that nobody is meant to start. */
export const noPrograms: Layer.Layer<CommandExecutor.CommandExecutor> = Layer.succeed(
  CommandExecutor.CommandExecutor,
  CommandExecutor.makeExecutor(() => Effect.never)
)

/** A network that must not be used. */
export const noNetwork: Layer.Layer<HttpClient.HttpClient> = Layer.succeed(
  HttpClient.HttpClient,
  HttpClient.make(() => Effect.dieMessage("a request was sent"))
)

/** No connection, as Node.js reports it: the code is in the cause. */
export const noConnection = (request: HttpClientRequest.HttpClientRequest, cause: unknown): Answered =>
  new HttpClientError.RequestError({ request, reason: "Transport", cause })

/** A machine that runs no program. */
export const noProcesses: Layer.Layer<CommandExecutor.CommandExecutor> = Layer.succeed(
  CommandExecutor.CommandExecutor,
  CommandExecutor.makeExecutor(() => Effect.dieMessage("a program was run"))
)

export const json = (document: unknown, status = 200): Response => Response.json(document, { status })

/** The provider that a layer builds. */
export const build = <E, R>(
  layer: Layer.Layer<CredentialsProvider, E, R>
): Effect.Effect<Service, E, R | Scope.Scope> => Effect.map(Layer.build(layer), Context.get(CredentialsProvider))

/** What a layer hands out when it is built and asked once. */
export const getOf = <E, R>(
  layer: Layer.Layer<CredentialsProvider, E, R>
): Effect.Effect<Credentials.Credentials, E | CredentialsError, R> =>
  Effect.scoped(Effect.flatMap(build(layer), (provider) => provider.get))

/** What is wrong with a layer; building it must fail, and nothing may be asked of the provider for that. */
export const buildError = <E extends Error, R>(
  layer: Layer.Layer<CredentialsProvider, E, R>
): Effect.Effect<E, never, R> => errorOf(Effect.scoped(Layer.build(layer)))

/** The secrets of credentials, to compare them. */
export const secretsOf = (credentials: Credentials.Credentials): ReadonlyArray<string> => {
  switch (credentials._tag) {
    case "AccessKey":
      return [credentials.accessKeyId, Redacted.value(credentials.accessKeySecret)]
    case "Sts":
      return [
        credentials.accessKeyId,
        Redacted.value(credentials.accessKeySecret),
        Redacted.value(credentials.securityToken)
      ]
    case "Bearer":
      return [Redacted.value(credentials.bearerToken)]
    case "Anonymous":
      return []
  }
}
