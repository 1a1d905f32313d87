/**
 * A session for an RSA key pair (GenerateSessionAccessKey of STS). It has no security token.
 *
 * The request is signed with the private key; the response has `SessionAccessKey` with `SessionAccessKeyId`,
 * `SessionAccessKeySecret` and `Expiration`. Corresponds to `rsa_key_pair` of the official client and to the mode
 * RsaKeyPair of the aliyun CLI.
 *
 * @module
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as EffectConfig from "effect/Config"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Credentials from "../Credentials.ts"
import type { InvalidConfig } from "../CredentialsError.ts"
import { atFile, atOptions, invalidConfig, SourceFailed } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import { NonEmptyText, SecretText, unwrap, validate } from "../internal/source/options.ts"
import * as stsOptions from "../internal/source/stsOptions.ts"
import * as Source from "../Source.ts"
import * as Sts from "../Sts.ts"
import * as Text from "../unstable/Text.ts"
import * as TextFile from "../unstable/TextFile.ts"

const name = "RsaKeyPair"

/**
 * The key pair, with exactly one of `privateKeyFile` and `privateKey`, and the options of the session.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config extends Sts.Options {
  readonly publicKeyId: string
  /** The file of the private key, PKCS#8 PEM; it is read at each refresh. */
  readonly privateKeyFile?: string | undefined
  /** The private key itself, PKCS#8 PEM, instead of a file. */
  readonly privateKey?: Redacted.Redacted | undefined
  /** The session's lifetime in seconds, at least 900. Default 3600. */
  readonly roleSessionExpiration?: number | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  publicKeyId: NonEmptyText,
  privateKeyFile: Schema.optional(NonEmptyText),
  privateKey: Schema.optional(SecretText),
  roleSessionExpiration: Schema.optional(stsOptions.SessionExpiration),
  ...stsOptions.optionFields
}).annotations({ identifier: "RsaKeyPair.Config" })

/**
 * Makes the source. A key that is not PKCS#8 makes `get` fail with `InvalidConfig`, an unreadable file with `SourceFailed`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  config: Config
): Effect.Effect<Source.Source, InvalidConfig, FileSystem.FileSystem | HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const options = yield* validate(name, Config)(config)
    const { privateKey } = options
    const privateKeyFile = options.privateKeyFile === undefined
      ? undefined
      : yield* TextFile.expandHome(options.privateKeyFile)
    if ((privateKey === undefined) === (privateKeyFile === undefined)) {
      return yield* invalidConfig(
        name,
        atOptions("privateKeyFile", "privateKey"),
        "one of them must be set, and not both"
      )
    }
    const sts = yield* Sts.make(name, options)
    const read = yield* TextFile.reader
    const key = privateKeyFile === undefined
      ? Effect.succeed(privateKey ?? Redacted.make(""))
      : Effect.mapBoth(read(privateKeyFile, Effect.succeed), {
        onFailure: (problem) =>
          new SourceFailed({
            source: name,
            reason: "File",
            detail: `the private key file ${Text.path(privateKeyFile)}: ${problem.issue}`,
            retryable: true
          }),
        onSuccess: (text) => Redacted.make(text.trim())
      })
    const location = privateKeyFile === undefined ? atOptions("privateKey") : atFile(Text.path(privateKeyFile))
    return Source.fromEffect(
      name,
      key.pipe(
        Effect.flatMap((privateKey) =>
          sts.generateSessionAccessKey({
            publicKeyId: options.publicKeyId,
            privateKey,
            roleSessionExpiration: options.roleSessionExpiration
          })
        ),
        Effect.catchTag(
          "UnusablePrivateKey",
          (error) => invalidConfig(name, location, error.message)
        ),
        Effect.map((session) =>
          Credentials.accessKey({ type: "rsa_key_pair", providerName: "rsa_key_pair", ...session })
        )
      )
    )
  })

/**
 * The source as a provider that keeps its session. The layer fails with `InvalidConfig` if options are invalid;
 * the key is not read before the first `get`.
 *
 * @example
 * ```ts
 * import { RsaKeyPair } from "@effect-alicloud/credentials"
 *
 * const layer = RsaKeyPair.layer({ publicKeyId: "LTAI5tExample", privateKeyFile: "/etc/keys/alicloud.pem" })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (config: Config, options?: CredentialsProvider.Options): Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  InvalidConfig,
  FileSystem.FileSystem | HttpClient.HttpClient
> => CredentialsProvider.layer(make(config), options)

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  InvalidConfig,
  FileSystem.FileSystem | HttpClient.HttpClient
> => CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
