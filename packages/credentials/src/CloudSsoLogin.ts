/**
 * Logs in to CloudSSO, as `aliyun configure --mode CloudSSO` does: the device authorization of RFC 8628, in JSON, with a
 * verifier. For programs that log a user in, such as the command line tool; the source `CloudSso` uses the login.
 *
 * A POST to `/device-authorization` of the sign-in address answers with a code and the address at which the user confirms
 * it, in whatever browser. Meanwhile `/token` is asked at the interval that the service says, until it answers with an
 * access token. That lists the accounts and their access configurations; the chosen one gives a session.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { CredentialsError } from "./CredentialsError.ts"
import * as env from "./internal/environment/env.ts"
import * as assignments from "./internal/login/assignments.ts"
import * as cloudSso from "./internal/login/cloudSso.ts"
import * as device from "./internal/login/device.ts"
import { httpFields, NonEmptyText, validate } from "./internal/source/options.ts"
import { Browser, Prompt } from "./LoginServices.ts"
import type { StsSession } from "./unstable/SessionDocument.ts"

/**
 * How to log in.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** The sign-in address, such as `https://signin-cn-shanghai.alibabacloudsso.com/start/login`. */
  readonly signInUrl: string
  /** Whether there is a browser on this machine, default `true`. */
  readonly browser?: boolean | undefined
  /** The account: its id or its name. */
  readonly account?: string | undefined
  /** The access configuration: its id or its name. */
  readonly accessConfiguration?: string | undefined
  /** The id of the account that is kept while it is listed, instead of asking. */
  readonly storedAccountId?: string | undefined
  /** The id of the access configuration that is kept while it is listed, instead of asking. */
  readonly storedAccessConfig?: string | undefined
  /** Read time-out of requests. Default 5 seconds; a bare number is milliseconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out of requests. Default 10 seconds; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

const text = Schema.optional(NonEmptyText)

/**
 * The schema of the options. Invalid ones fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  signInUrl: NonEmptyText,
  browser: Schema.optional(Schema.Boolean),
  account: text,
  accessConfiguration: text,
  storedAccountId: text,
  storedAccessConfig: text,
  ...httpFields
}).annotations({ identifier: "CloudSsoLogin.Config" })

/**
 * A login. Times are epoch seconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  readonly mode: "CloudSSO"
  readonly signInUrl: string
  readonly accountId: string
  readonly accessConfig: string
  readonly accessToken: Redacted.Redacted
  readonly accessTokenExpire: number
  readonly session: StsSession
}

/** The client that the aliyun CLI is. */
const clientId = "app-vaz16tltdxs96audqf35"

const clientIdVariables = ["ALIBABACLOUD_SSO_CLIENT_ID", "ALIBABA_CLOUD_SSO_CLIENT_ID"] as const

/**
 * Logs a user in. Everything secret in the result is `Redacted`; nothing is stored. `ALIBABACLOUD_SSO_CLIENT_ID`, else
 * `ALIBABA_CLOUD_SSO_CLIENT_ID`, replaces the client that the aliyun CLI is.
 *
 * @since 0.1.0
 * @category constructors
 */
export const login = (
  config: Config
): Effect.Effect<Login, CredentialsError, HttpClient.HttpClient | Browser | Prompt> =>
  Effect.gen(function*() {
    const options = yield* validate(cloudSso.name, Config)(config)
    const { browser = true, signInUrl } = options
    const environment = yield* env.capture(cloudSso.name)
    const origin = yield* cloudSso.originOf(signInUrl)
    const ask = yield* cloudSso.requests(origin, options, "Start the login again.")
    const { address, token, userCode } = yield* device.authorize(ask, {
      origin,
      signInUrl,
      clientId: (yield* environment.text(clientIdVariables[0])) ?? (yield* environment.text(clientIdVariables[1])) ??
        clientId
    })
    const opened = browser && (yield* Effect.flatMap(Browser, ({ open }) => open(address)))
    yield* Effect.flatMap(Prompt, ({ show }) => show({ address, userCode, opened, pasted: false }))
    const tokens = yield* token
    const list = { origin, token: tokens.accessToken }
    const accountId = yield* assignments.choose(ask, "account", {
      ...list,
      query: { MaxResults: "100" },
      wanted: options.account,
      stored: options.storedAccountId
    })
    const accessConfig = yield* assignments.choose(ask, "access configuration", {
      ...list,
      query: { AccountId: accountId },
      wanted: options.accessConfiguration,
      stored: options.storedAccessConfig
    })
    const session = yield* cloudSso.request(ask, { origin, accountId, accessConfig, accessToken: tokens.accessToken })
    return { mode: "CloudSSO", signInUrl, accountId, accessConfig, ...tokens, session }
  })
