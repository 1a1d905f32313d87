/**
 * An AccessKey pair, with or without a session token, from environment variables: the first source of the default chain.
 *
 * The variables are read again for a `get` that comes a minute or more after the last reading, and after `invalidate`,
 * because some platforms renew a session in them. They are read in this order: `ALIBABA_CLOUD_ACCESS_KEY_ID` and
 * `ALIBABA_CLOUD_ACCESS_KEY_SECRET`, with `ALIBABA_CLOUD_SECURITY_TOKEN` for a session; if neither of the pair is set,
 * `ALIYUN_ACCESS_KEY_ID` and `ALIYUN_ACCESS_KEY_SECRET`. Empty variables count as not set.
 *
 * See the [official default chain](https://www.alibabacloud.com/help/en/sdk/developer-reference/v2-manage-node-js-access-credentials).
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Credentials from "../Credentials.ts"
import type { CredentialsError, InvalidConfig } from "../CredentialsError.ts"
import { atVariables, invalidConfig, SourceUnavailable } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as places from "../internal/source/places.ts"
import * as Source from "../Source.ts"

const name = "Environment"

interface Pair {
  readonly id: string
  readonly secret: string
}

const main: Pair = { id: "ALIBABA_CLOUD_ACCESS_KEY_ID", secret: "ALIBABA_CLOUD_ACCESS_KEY_SECRET" }

/** The variables of the first generation of SDKs. */
const legacy: Pair = { id: "ALIYUN_ACCESS_KEY_ID", secret: "ALIYUN_ACCESS_KEY_SECRET" }

const token = "ALIBABA_CLOUD_SECURITY_TOKEN"

interface Keys {
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted
}

/** Both variables of a pair, neither, or an error that names the missing one. */
const read = (environment: env.Env, pair: Pair): Effect.Effect<Keys | undefined, InvalidConfig> =>
  Effect.gen(function*() {
    const accessKeyId = yield* environment.text(pair.id)
    const accessKeySecret = yield* environment.secret(pair.secret)
    if (accessKeyId === undefined && accessKeySecret === undefined) {
      return undefined
    }
    if (accessKeyId === undefined || accessKeySecret === undefined) {
      const [missing, set] = accessKeyId === undefined ? [pair.id, pair.secret] : [pair.secret, pair.id]
      return yield* invalidConfig(name, atVariables(missing), `it is not set although ${set} is: set both or neither`)
    }
    return { accessKeyId, accessKeySecret }
  })

/**
 * Makes the source, which reads the environment at each `get`. A half-set pair fails with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Source.Source> = Effect.map(
  env.capture(name),
  (environment) =>
    Source.fromEffect(
      name,
      Effect.gen(function*(): Effect.fn.Return<Credentials.Credentials, CredentialsError> {
        const keys = yield* read(environment, main)
        const securityToken = keys && (yield* environment.secret(token))
        if (keys !== undefined && securityToken !== undefined) {
          return Credentials.sts({ type: "sts", providerName: "env", ...keys, securityToken })
        }
        const found = keys ?? (yield* read(environment, legacy))
        if (found === undefined) {
          return yield* new SourceUnavailable({
            source: name,
            detail: `${main.id} and ${main.secret} are not set`,
            hint: "Set both to use an AccessKey."
          })
        }
        return Credentials.accessKey({ type: "access_key", providerName: "env", ...found })
      }),
      { undated: "recheck" }
    )
)

/**
 * The source of the default chain.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEnv: Effect.Effect<Source.Source> = make

/**
 * The definition of the source for the default chain and tools around it.
 *
 * @since 0.1.0
 * @category models
 */
export const definition: Source.Definition = {
  name,
  variables: [
    ...[main, legacy].flatMap((pair): ReadonlyArray<Source.Variable> => [
      { name: pair.id, kind: "identity" },
      { name: pair.secret, kind: "secret" }
    ]),
    { name: token, kind: "secret" }
  ],
  switches: [],
  fromEnv,
  places: () =>
    Effect.gen(function*() {
      const environment = yield* env.capture(name)
      const pair = yield* places.variables(environment, [main.id, main.secret])
      const isMain = pair.some((place) => place._tag === "Variable" && place.set)
      return [...pair, ...(yield* places.variables(environment, isMain ? [token] : [legacy.id, legacy.secret]))]
    })
}

/**
 * The source as a provider. The layer succeeds even if nothing is set; then `get` fails.
 *
 * @example
 * ```ts
 * import { CredentialsProvider, Environment } from "@effect-alicloud/credentials"
 * import { ConfigProvider, Effect } from "effect"
 *
 * const variables = new Map([
 *   ["ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tExample"],
 *   ["ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret"]
 * ])
 *
 * const program = CredentialsProvider.get
 *
 * Effect.runPromise(program.pipe(
 *   Effect.provide(Environment.layer()),
 *   Effect.withConfigProvider(ConfigProvider.fromMap(variables))
 * )).then((credentials) => console.log(credentials.providerName)) // env
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (): Layer.Layer<CredentialsProvider.CredentialsProvider> => CredentialsProvider.layer(make)
