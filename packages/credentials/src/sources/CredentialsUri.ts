/**
 * A session from an HTTP address that another program serves, such as `alicloud-credentials serve`: the last source of
 * the default chain.
 *
 * The address is the option `credentialsUri`, else `ALIBABA_CLOUD_CREDENTIALS_URI`. The request is a GET; the response is
 * JSON with `Code` equal to `Success`, `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`.
 *
 * See the [official default chain](https://www.alibabacloud.com/help/en/sdk/developer-reference/v2-manage-node-js-access-credentials).
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Url from "@effect/platform/Url"
import type * as EffectConfig from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Credentials from "../Credentials.ts"
import type { SourceFailed } from "../CredentialsError.ts"
import { atOptions, atVariables, InvalidConfig, invalidConfig, SourceUnavailable } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import * as clock from "../internal/source/clock.ts"
import * as Exchange from "../internal/source/exchange.ts"
import { httpFields, NonEmptyText, required, timeoutsOf, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as stsError from "../internal/source/stsError.ts"
import * as Source from "../Source.ts"
import * as Circle from "../unstable/Circle.ts"
import { deferred } from "../unstable/Deferred.ts"
import { isLoopback } from "../unstable/Loopback.ts"
import * as SessionDocument from "../unstable/SessionDocument.ts"
import * as Text from "../unstable/Text.ts"
import type { Answer } from "../unstable/Transport.ts"

const name = "CredentialsUri"
const variable = "ALIBABA_CLOUD_CREDENTIALS_URI"

/**
 * The address of the credentials, and the time-outs.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** An `http` or `https` address, sent as it is. Default `ALIBABA_CLOUD_CREDENTIALS_URI`. */
  readonly credentialsUri?: string | undefined
  /**
   * Read time-out: how long to wait for the response, or for its next chunk. Default 5 seconds; a bare number is
   * milliseconds.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out. Default 10 seconds; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  credentialsUri: Schema.optional(NonEmptyText),
  ...httpFields
}).annotations({ identifier: "CredentialsUri.Config" })

const decodeCircle = secretJson.decodeText(Schema.Struct({
  Code: Schema.Literal(Circle.code),
  Circle: Schema.Array(Schema.String).pipe(Schema.minItems(1), Schema.maxItems(8))
}))

/**
 * Makes the source. The response must have status 200 and `Code` `Success`. A server of the command line tool that would
 * have to ask itself is an `InvalidConfig` that shows the circle.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  config: Config = {}
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const options = yield* validate(name, Config)(config)
    const environment = yield* env.capture(name)
    const given = options.credentialsUri
    const url = yield* required(name, "credentialsUri", variable, given ?? (yield* environment.identity(variable)))
    const location = given === undefined ? atVariables(variable) : atOptions("credentialsUri")
    const parsed = Url.fromString(url)
    if (!/^https?:\/\/[^\s/?#]\S*$/i.test(url) || Either.isLeft(parsed)) {
      return yield* invalidConfig(name, location, "it must be an http or https URL")
    }
    const isHere = isLoopback(parsed.right.host)
    const circle = (names: ReadonlyArray<string>): InvalidConfig =>
      new InvalidConfig({
        source: name,
        location,
        issues: [{ problem: `it ${Circle.sentence(names)}` }],
        circle: names
      })
    const timeouts = timeoutsOf(options)
    const send = yield* Exchange.make
    const origin = Text.origin(url)
    const document = `the answer of ${origin}`
    const readClock = clock.reader(origin)
    const read = Effect.fnUntraced(function*(answer: Answer) {
      const session = yield* SessionDocument.read(name, document, answer)
      yield* clock.check(name, yield* readClock(answer), session.expiration)
      return session
    })
    const refused = (answer: Answer): Effect.Effect<never, InvalidConfig | SourceFailed> =>
      Effect.matchEffect(decodeCircle(answer.text), {
        onFailure: () => stsError.interpret(name, `${origin} refused`, answer),
        onSuccess: ({ Circle: names }) => circle(names.map(Text.label))
      })
    const get = Effect.gen(function*() {
      const servers = isHere ? Circle.serversOf(yield* Circle.current(environment)) : []
      if (servers.length >= Circle.most) {
        return yield* circle([...servers.map(Circle.nameOf), Text.label(origin)])
      }
      const request = HttpClientRequest.acceptJson(HttpClientRequest.get(url))
      const session = yield* send({
        source: name,
        url,
        request: Effect.succeed(
          servers.length === 0 ? request : HttpClientRequest.setHeader(request, Circle.header, Circle.encode(servers))
        ),
        timeouts,
        direct: false,
        retries: 2,
        interpret: (answer): Effect.Effect<SessionDocument.StsSession, InvalidConfig | SourceFailed> =>
          answer.status === 200 ? read(answer) : refused(answer)
      })
      return Credentials.sts({ type: "credentials_uri", providerName: "credential_uri", ...session })
    })
    return Source.fromEffect(name, get)
  })

/**
 * The source of the default chain: absent while `ALIBABA_CLOUD_CREDENTIALS_URI` is not set.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEnv: Effect.Effect<Source.Source, never, HttpClient.HttpClient> = deferred(
  name,
  Effect.gen(function*() {
    const environment = yield* env.capture(name)
    if ((yield* environment.text(variable)) === undefined) {
      return yield* new SourceUnavailable({
        source: name,
        detail: `${variable} is not set`,
        hint: "Set it to an address that serves credentials."
      })
    }
    return yield* make()
  })
)

/**
 * The definition of the source for the default chain and tools around it.
 *
 * @since 0.1.0
 * @category models
 */
export const definition: Source.Definition<HttpClient.HttpClient> = {
  name,
  variables: [{ name: variable, kind: "secret" }],
  switches: [],
  fromEnv,
  places: () =>
    Effect.gen(function*() {
      const environment = yield* env.capture(name)
      const set = yield* places.variables(environment, [variable])
      const url = yield* places.text(environment, variable)
      return url === undefined ? set : [...set, { _tag: "Address", address: Text.origin(url) }]
    })
}

/**
 * The source as a provider that keeps its session. The layer fails with `InvalidConfig` if there is no address, or
 * one that is not `http` or `https`; no request is sent before the first `get`.
 *
 * @example
 * ```ts
 * import { CredentialsUri } from "@effect-alicloud/credentials"
 *
 * const layer = CredentialsUri.layer({ credentialsUri: "http://127.0.0.1:6666/?user=me" })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  config: Config = {},
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient> =>
  CredentialsProvider.layer(make(config), options)

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
