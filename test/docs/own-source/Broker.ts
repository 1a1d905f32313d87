// Broker.ts
import { Credentials, CredentialsError, CredentialsProvider, Source } from "@effect-alicloud/credentials"
import * as Deferred from "@effect-alicloud/credentials/unstable/Deferred"
import * as HttpSource from "@effect-alicloud/credentials/unstable/HttpSource"
import * as Options from "@effect-alicloud/credentials/unstable/Options"
import * as SessionDocument from "@effect-alicloud/credentials/unstable/SessionDocument"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import type { Duration, Layer, Redacted } from "effect"
import { Config as Variables, Effect, Option, Schema } from "effect"

const name = "Broker"

export interface Config {
  /** The origin of the broker: `https://broker.example.com`. */
  readonly url: string
  /** The role whose session it gives out. */
  readonly role: string
  readonly token: Redacted.Redacted
  /** How long to wait for an answer. Default 5 seconds. */
  readonly timeout?: Duration.DurationInput | undefined
}

export const Config: Schema.Schema<Config> = Schema.Struct({
  url: Schema.String.pipe(Schema.pattern(/^https:\/\/[^/?#\s]+$/, { description: "an https origin" })),
  role: Options.NonEmptyText,
  token: Options.SecretText,
  timeout: Schema.optional(Options.DurationInput)
})

const validate = Options.validate(name, Config)

/** Options that are wrong are `InvalidConfig`. No request is sent before the first `get`. */
export const make = (
  config: Config
): Effect.Effect<Source.Source, CredentialsError.InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { role, timeout, token, url } = yield* validate(config)
    const client = yield* HttpClient.HttpClient
    const get = HttpSource.json(name, {
      request: HttpClientRequest.get(`${url}/v1/sessions/${encodeURIComponent(role)}`).pipe(
        HttpClientRequest.bearerToken(token)
      ),
      answer: SessionDocument.PascalCase,
      timeout,
      hint: "Ask the platform team for access to the role."
    }).pipe(
      Effect.map((session) => Credentials.sts({ type: "broker", providerName: "broker", ...session })),
      Effect.mapError((error) =>
        error.status === 404
          ? new CredentialsError.SourceUnavailable({
            source: name,
            detail: `${url} does not know the role`,
            hint: "Check its name."
          })
          : error
      ),
      Effect.provideService(HttpClient.HttpClient, client)
    )
    return Source.fromEffect(name, get)
  })

type Provider = Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  CredentialsError.InvalidConfig,
  HttpClient.HttpClient
>

export const layer = (config: Config, options?: CredentialsProvider.Options): Provider =>
  CredentialsProvider.layer(make(config), options)

/** Like `layer`, with options from `Config` values of Effect. */
export const layerConfig = (
  config: Variables.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Provider => CredentialsProvider.layer(Effect.flatMap(Options.unwrap(name, config), make), options)

const variables = {
  url: Variables.string("BROKER_URL"),
  role: Variables.string("BROKER_ROLE"),
  token: Variables.redacted("BROKER_TOKEN")
}

/** For a chain: the variables are read at each `get`, and without `BROKER_URL` the next source is tried. */
export const fromEnv: Effect.Effect<Source.Source, never, HttpClient.HttpClient> = Deferred.deferred(
  name,
  Effect.gen(function*() {
    if (Option.isNone(yield* Effect.option(variables.url))) {
      return yield* new CredentialsError.SourceUnavailable({
        source: name,
        detail: "BROKER_URL is not set",
        hint: "Set it to use the broker."
      })
    }
    return yield* Effect.flatMap(Options.unwrap(name, variables), make)
  })
)

export const definition: Source.Definition<HttpClient.HttpClient> = {
  name,
  variables: [
    { name: "BROKER_URL", kind: "identity" },
    { name: "BROKER_ROLE", kind: "identity" },
    { name: "BROKER_TOKEN", kind: "secret" }
  ],
  switches: [],
  fromEnv,
  places: () => Effect.succeed([])
}
