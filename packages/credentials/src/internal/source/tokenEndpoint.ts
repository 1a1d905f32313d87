/** What the token endpoints of platforms have in common, for the constructors of `OidcToken`. */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Url from "@effect/platform/Url"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { atVariables, invalidConfig, SourceFailed } from "../../CredentialsError.ts"
import { isLoopback } from "../../unstable/Loopback.ts"
import * as Text from "../../unstable/Text.ts"
import type { Answer, Timeouts } from "../../unstable/Transport.ts"
import { defaultTimeouts } from "../../unstable/Transport.ts"
import * as secretJson from "../secrecy/secretJson.ts"
import * as Exchange from "./exchange.ts"
import * as stsError from "./stsError.ts"

/** The source that uses the tokens, which their errors name. */
export const source = "OidcRoleArn"

/** The audience that OIDC providers for Alibaba Cloud usually allow. */
export const defaultAudience = "sts.aliyuncs.com"

/** Metadata services are near, and silent where there is none. */
export const metadataTimeouts: Timeouts = { timeout: defaultTimeouts.timeout, connectTimeout: Duration.seconds(1) }

/** Reads a token that is the whole answer. */
export const whole = (text: string): Effect.Effect<Redacted.Redacted> => Effect.succeed(Redacted.make(text))

/** Reads a token from a field of a JSON object. */
export const field = (name: string): (text: string) => Effect.Effect<Redacted.Redacted, ReadonlyArray<string>> => {
  const decode = secretJson.decodeText(
    Schema.Struct({
      token: Schema.propertySignature(Schema.Redacted(Schema.NonEmptyString)).pipe(Schema.fromKey(name))
    })
  )
  return (text) => Effect.map(decode(text), ({ token }) => token)
}

/**
 * Makes one request for a token. It is not repeated here: whoever sends the token to the Security Token Service repeats both
 * requests together.
 */
export const request = (endpoint: {
  /** What refuses, as in `GitHub refused the token`. */
  readonly platform: string
  readonly request: HttpClientRequest.HttpClientRequest
  readonly timeouts: Timeouts
  /** Whether a proxy must not be used. */
  readonly direct: boolean
  /** What to do about a refusal. */
  readonly hint: string
  /** Why nothing may listen at the address. */
  readonly absent?: string | undefined
  readonly read: (text: string) => Effect.Effect<Redacted.Redacted, ReadonlyArray<string>>
}): Effect.Effect<Redacted.Redacted, SourceFailed, HttpClient.HttpClient> => {
  const { url } = endpoint.request
  const refusal = (answer: Answer) =>
    Effect.mapError(
      stsError.interpret(source, `${endpoint.platform} refused the token`, answer),
      (error) => new SourceFailed({ ...error, hint: error.hint ?? (answer.status < 500 ? endpoint.hint : undefined) })
    )
  const unusable = (answer: Answer) => (issues: ReadonlyArray<string>) =>
    Exchange.malformed({
      source,
      status: answer.status,
      detail: `the answer of ${Text.origin(url)} holds no token: ${issues.join("; ")}`
    })
  const exchange = Effect.flatMap(Exchange.make, (send) =>
    send({
      source,
      url,
      request: Effect.succeed(endpoint.request),
      timeouts: endpoint.timeouts,
      direct: endpoint.direct,
      retries: 0,
      interpret: (answer) =>
        answer.status >= 200 && answer.status < 300
          ? Effect.mapError(endpoint.read(answer.text), unusable(answer))
          : refusal(answer)
    }))
  return Effect.mapError(exchange, (error) =>
    endpoint.absent !== undefined && Exchange.neverConnected(error)
      ? new SourceFailed({ ...error, hint: endpoint.absent })
      : error)
}

/** The address in a variable, to which a secret is sent: HTTPS, or plain HTTP that does not leave this machine. */
export const secureUrl = (variable: string, text: string): Effect.Effect<string, InvalidConfig> =>
  Option.match(Either.getRight(Url.fromString(text)), {
      onSome: ({ host, protocol }) => protocol === "https:" || (protocol === "http:" && isLoopback(host)),
      onNone: () => false
    })
    ? Effect.succeed(text)
    : invalidConfig(source, atVariables(variable), "it must be an https URL")
