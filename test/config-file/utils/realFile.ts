import { CliProfile, type CredentialsError } from "@effect-alicloud/credentials"
import type { Credentials } from "@effect-alicloud/credentials"
import { NodePlatform } from "@effect-alicloud/node"
import { assert } from "@effect/vitest"
import type { Scope } from "effect"
import { ConfigProvider, Effect, type Exit, Layer } from "effect"
import * as NodeFs from "node:fs"
import * as NodeOs from "node:os"
import * as NodePath from "node:path"
import { errorOf } from "../../kit/leaks.ts"
import { noNetwork } from "../../kit/world.ts"

export const secret = "s3cr3t-of-the-first-profile"

export const dev = { name: "dev", mode: "AK", access_key_id: "LTAI5tDev", access_key_secret: secret }

/** A config.json whose current profile is the last of the given ones. */
export const json = (...profiles: ReadonlyArray<object>): string =>
  JSON.stringify({
    current: "name" in (profiles.at(-1) ?? {}) ? (profiles.at(-1) as { name: unknown }).name : "",
    profiles
  })

export interface Place {
  readonly folder: string
  readonly file: string
}

/** What is put at the place of the file; a text stands for a file that holds it. */
export type Content = string | Uint8Array | ((place: Place) => void)

const place: Effect.Effect<Place, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = NodeFs.mkdtempSync(NodePath.join(NodeOs.tmpdir(), "config-file-"))
    NodeFs.mkdirSync(`${folder}/.aliyun`)
    return { folder, file: NodePath.join(folder, ".aliyun", "config.json") }
  }),
  ({ folder }) => Effect.sync(() => NodeFs.rmSync(folder, { recursive: true, force: true }))
)

/** Resolves the file, found by the home directory or named; it must not take long. */
export const resolve = (
  content: Content,
  config: CliProfile.Config & { readonly named?: boolean } = {}
): Effect.Effect<
  readonly [Place, Exit.Exit<Credentials.Credentials, CredentialsError.CredentialsError>],
  never,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const at = yield* place
    const { named, ...options } = config
    if (typeof content === "function") content(at)
    else {
      NodeFs.writeFileSync(at.file, content)
      // A file that has just changed would be read again before a failure counts.
      NodeFs.utimesSync(at.file, 0, 0)
    }
    const exit = yield* Effect.flatMap(
      CliProfile.make({ ...options, ...(named === true ? { configFile: at.file } : {}) }),
      (source) => source.get
    ).pipe(
      Effect.provide(Layer.merge(NodePlatform.layer, noNetwork)),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["HOME", at.folder]]))),
      Effect.exit,
      Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => new Error("it hangs") }),
      Effect.orDie
    )
    return [at, exit]
  })

export const fail = (content: Content, config?: Parameters<typeof resolve>[1]) =>
  Effect.gen(function*() {
    const [at, exit] = yield* resolve(content, config)
    const error = yield* errorOf(exit)
    // oxlint-disable-next-line no-control-regex
    assert.notMatch(error.message, /[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E]/)
    return [at, error] as const
  })

export const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth)

export const nestedObjects = (depth: number): string => `{"a":`.repeat(depth) + "1" + "}".repeat(depth)

/** A file with a profile whose field is the given JSON. */
export const withField = (field: string, value: string, mode = "AK"): string =>
  `{"current":"dev","profiles":[{"name":"dev","mode":"${mode}","access_key_id":"LTAI5tDev","access_key_secret":"${secret}",` +
  `"${field}":${value}}]}`
