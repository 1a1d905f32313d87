/**
 * Sessions of roles on a Redis server, for programs on many machines: a thousand pods that start at once cause one
 * AssumeRole call for each role. Sessions are encrypted; who reads the Redis cannot use them without the secret.
 *
 * For programs of one machine there is `FileSessionStore` of `@effect-alicloud/credentials`.
 *
 * @module
 * @since 0.1.0
 */
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import { atOptions, invalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import type { Service } from "@effect-alicloud/credentials/SessionStore"
import { SessionStore } from "@effect-alicloud/credentials/SessionStore"
import { unwrap } from "@effect-alicloud/credentials/unstable/Options"
import type * as EffectConfig from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Connection from "./internal/connection.ts"
import * as options from "./internal/options.ts"
import * as ownClient from "./internal/ownClient.ts"
import { mismatch } from "./internal/protocol.ts"
import * as Seal from "./internal/seal.ts"
import * as store from "./internal/store.ts"

/**
 * What is used of a client of ioredis. `Redis` and `Cluster` have it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Client {
  readonly status: string
  readonly getrangeBuffer: (key: string, start: number, end: number) => Promise<Buffer>
  readonly set: (key: string, value: Buffer, unit: "PX", milliseconds: number) => Promise<unknown>
  readonly eval: (script: string, keys: number, ...args: Array<string | number | Buffer>) => Promise<unknown>
  readonly connect: () => Promise<unknown>
  readonly once: (event: "ready" | "close" | "end", listener: () => void) => unknown
  readonly off: (event: "ready" | "close" | "end", listener: () => void) => unknown
}

/**
 * Where the Redis is, and what sessions are encrypted with. `url` or `client` is required, and `secret` or `secrets`.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /**
   * `redis://` or `rediss://` (TLS), with user, password, port and database where they are needed:
   * `rediss://user:password@cache.example.com:6379/0`. Special characters of the password are percent-encoded. The
   * connection is opened with the layer and closed with its scope.
   */
  readonly url?: string | Redacted.Redacted | undefined
  /** The CA certificates in PEM that the server's certificate is verified with. Default those of Node.js. */
  readonly ca?: string | undefined
  /** A client of yours, for Sentinel, a Cluster, or a client certificate. It is never closed by the layer. */
  readonly client?: Client | undefined
  /** The secret that sessions are encrypted with, at least 16 bytes; all programs that share them have the same. */
  readonly secret?: Redacted.Redacted | undefined
  /** Several secrets, while a new one takes the place of an old one: the first encrypts, any of them decrypts. */
  readonly secrets?: ReadonlyArray<Redacted.Redacted> | undefined
  /** What the keys in Redis start with. Default `alicloud-credentials:`. */
  readonly prefix?: string | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = options.Config

const name = "RedisSessionStore"

/** Long enough for a connection, the replies to its check, and to find out which protocol the server uses. */
const buildTimeout = "4 seconds"

const connectionOf = Effect.fnUntraced(function*(config: options.Checked) {
  if (config.server._tag === "Client") {
    return {
      connection: yield* Connection.ofUser(config.server.client),
      option: "client",
      mismatch: Effect.succeed(undefined)
    }
  }
  const { address, ca } = config.server
  return { connection: yield* ownClient.make(address, ca, config.prefix), option: "url", mismatch: mismatch(address) }
})

/**
 * Connects, and does once all that the store will do. What cannot work before something is changed fails with
 * `InvalidConfig`: options that cannot be used, a password that is rejected, a permission that the Redis user lacks, a
 * database that does not exist, TLS on one side only, a certificate that is not trusted. A Redis that is down, slow or
 * full is no failure: sources go on without it and log a warning, and it is used as soon as it works.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (config: Config) => Effect.Effect<Service, InvalidConfig, Scope.Scope> = Effect.fnUntraced(
  function*(config) {
    const valid = yield* options.validate(name, config)
    const { connection, mismatch, option } = yield* connectionOf(valid)
    const { check, ...service } = yield* store.make(connection, Seal.make(valid.secrets), valid.prefix)
    const problem = yield* check.pipe(
      Effect.as(undefined),
      Effect.catchAll(({ detail, reason }) =>
        reason === "Config" ? Effect.succeed(detail) : reason === "Reply" ? Effect.succeed(undefined) : mismatch
      ),
      Effect.timeoutTo({ duration: buildTimeout, onSuccess: (problem) => problem, onTimeout: () => undefined })
    )
    return problem === undefined ? service : yield* invalidConfig(name, atOptions(option), problem)
  }
)

/**
 * A store on Redis for the sources that get it in their context. See `make` for what fails when the layer is built.
 *
 * @example
 * ```ts
 * import { Environment, RamRoleArn } from "@effect-alicloud/credentials"
 * import { RedisSessionStore } from "@effect-alicloud/redis"
 * import { Config, Layer } from "effect"
 *
 * const layer = RamRoleArn.layer({ roleArn: "acs:ram::1234567890123456:role/deploy" }).pipe(
 *   Layer.provide(Environment.layer()),
 *   Layer.provide(RedisSessionStore.layerConfig({
 *     url: Config.redacted("REDIS_URL"),
 *     secret: Config.redacted("SESSION_SECRET")
 *   }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (config: Config): Layer.Layer<SessionStore, InvalidConfig> =>
  Layer.scoped(SessionStore, make(config))

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Omit<Config, "client">>
): Layer.Layer<SessionStore, InvalidConfig> => Layer.scoped(SessionStore, Effect.flatMap(unwrap(name, config), make))
