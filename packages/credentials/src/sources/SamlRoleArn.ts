/**
 * A RAM role assumed with a SAML response (AssumeRoleWithSAML), for people and programs that sign in at a SAML 2.0 identity
 * provider.
 *
 * The role is the option `roleArn`, else `ALIBABA_CLOUD_ROLE_ARN`. The request is an unsigned POST to STS with the role, the
 * provider and the response in Base64; the response of STS has `Credentials` with `AccessKeyId`, `AccessKeySecret`,
 * `SecurityToken` and `Expiration`. The name of the session comes from the SAML response.
 *
 * See [AssumeRoleWithSAML](https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerolewithsaml).
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Credentials from "../Credentials.ts"
import type { CredentialsError, InvalidConfig } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import { malformed } from "../internal/source/exchange.ts"
import { NonEmptyText, required, validate } from "../internal/source/options.ts"
import * as stsOptions from "../internal/source/stsOptions.ts"
import * as Source from "../Source.ts"
import * as Sts from "../Sts.ts"

const name = "SamlRoleArn"

/**
 * The role, the provider, the SAML response, and the options of the session.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config<out R = never> extends Sts.Options, Omit<Sts.SessionOptions, "roleSessionName"> {
  /** The role's ARN, `acs:ram::<account id>:role/<name>`. Default `ALIBABA_CLOUD_ROLE_ARN`. */
  readonly roleArn?: string | undefined
  /** The ARN of the SAML provider, `acs:ram::<account id>:saml-provider/<name>`. */
  readonly samlProviderArn: string
  /**
   * The whole SAML response in Base64, at most 100,000 characters; white space in it is left out. The effect runs at each
   * attempt. The time-outs of the source limit it, too.
   */
  readonly samlAssertion: Effect.Effect<Redacted.Redacted, CredentialsError, R>
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config<unknown>> = Schema.Struct({
  roleArn: Schema.optional(NonEmptyText),
  samlProviderArn: NonEmptyText,
  samlAssertion: Schema.declare(
    (input: unknown): input is Config<unknown>["samlAssertion"] => Effect.isEffect(input),
    { identifier: "SamlAssertion", description: "an effect that answers a Redacted SAML response" }
  ),
  policy: stsOptions.sessionFields.policy,
  roleSessionExpiration: stsOptions.sessionFields.roleSessionExpiration,
  ...stsOptions.optionFields
}).annotations({ identifier: "SamlRoleArn.Config" })

const maxLength = 100_000

const check = (given: unknown): Effect.Effect<Redacted.Redacted, CredentialsError> => {
  const value = Redacted.isRedacted(given) ? Redacted.value(given) : undefined
  const text = typeof value === "string" ? value.replace(/\s/g, "") : ""
  const problem = typeof value !== "string"
    ? "the effect in samlAssertion did not answer a Redacted text"
    : text === ""
    ? "the SAML response is empty"
    : text.length > maxLength
    ? `the SAML response has ${text.length} characters, more than the ${maxLength} that STS accepts`
    : /[^A-Za-z0-9+/=]/.test(text)
    ? "the SAML response is not in Base64"
    : undefined
  return problem === undefined ? Effect.succeed(Redacted.make(text)) : malformed({ source: name, detail: problem })
}

/**
 * Makes the source. A response that cannot be obtained, or cannot be one, fails before it is sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <R = never>(
  config: Config<R>
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient | R> =>
  Effect.gen(function*() {
    const options = yield* validate(name, Config)(config)
    const environment = yield* env.capture(name)
    const variable = "ALIBABA_CLOUD_ROLE_ARN"
    const given = options.roleArn ?? (yield* environment.identity(variable))
    const role = {
      roleArn: yield* required(name, "roleArn", variable, given),
      samlProviderArn: options.samlProviderArn,
      roleSessionExpiration: options.roleSessionExpiration,
      policy: options.policy
    }
    const sts = yield* Sts.make(name, options)
    const samlAssertion = Effect.provide(Effect.flatMap(config.samlAssertion, check), yield* Effect.context<R>())
    return Source.fromEffect(
      name,
      Effect.map(
        sts.assumeRoleWithSaml({ ...role, samlAssertion }),
        (session) => Credentials.sts({ type: "saml_role_arn", providerName: "saml_role_arn", ...session })
      )
    )
  })

/**
 * The source as a provider that keeps its session. The layer fails with `InvalidConfig` if options are invalid or missing;
 * the SAML response is not obtained before the first `get`.
 *
 * @example
 * ```ts
 * import { SamlRoleArn } from "@effect-alicloud/credentials"
 * import { Effect, Redacted } from "effect"
 *
 * declare const signIn: Effect.Effect<string>
 *
 * const layer = SamlRoleArn.layer({
 *   roleArn: "acs:ram::1234567890123456:role/admin",
 *   samlProviderArn: "acs:ram::1234567890123456:saml-provider/company",
 *   samlAssertion: Effect.map(signIn, (response) => Redacted.make(response))
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <R = never>(config: Config<R>, options?: CredentialsProvider.Options): Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  InvalidConfig,
  HttpClient.HttpClient | R
> => CredentialsProvider.layer(make(config), options)
