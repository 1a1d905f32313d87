/**
 * Logs in with a browser, as `aliyun configure --mode OAuth` does: authorization code with PKCE (RFC 7636). For programs
 * that log a user in, such as the command line tool; the source `OAuth` uses the login.
 *
 * The browser opens the sign-in page of the site and comes back to a listener on 127.0.0.1, at one of the ports 12345 to
 * 12349, with a code. A POST of the code and the verifier to `/v1/token` answers with an access token and a refresh token,
 * and the access token is exchanged for a session. Without a browser on this machine the user pastes the address at which
 * the browser of another one ends.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { CredentialsError } from "./CredentialsError.ts"
import { SourceFailed } from "./CredentialsError.ts"
import * as callback from "./internal/login/callback.ts"
import * as oauth from "./internal/login/oauth.ts"
import * as oauthAnswer from "./internal/login/oauthAnswer.ts"
import * as pkce from "./internal/login/pkce.ts"
import { DurationInput, validate } from "./internal/source/options.ts"
import { Browser, Callback, Prompt } from "./LoginServices.ts"
import type { StsSession } from "./unstable/SessionDocument.ts"

/**
 * How to log in.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** `CN` for aliyun.com, `INTL` for alibabacloud.com. */
  readonly siteType: "CN" | "INTL"
  /** Whether there is a browser on this machine, default `true`. */
  readonly browser?: boolean | undefined
  /** How long to wait for the user, default 5 minutes; a bare number is milliseconds. */
  readonly patience?: Duration.DurationInput | undefined
  /** Read time-out of requests. Default 5 seconds; a bare number is milliseconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out of requests. Default 10 seconds; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The schema of the options. Invalid ones fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  ...oauth.siteFields,
  browser: Schema.optional(Schema.Boolean),
  patience: Schema.optional(DurationInput)
}).annotations({ identifier: "OAuthLogin.Config" })

/**
 * A login. Times are epoch seconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface Login {
  readonly mode: "OAuth"
  readonly siteType: "CN" | "INTL"
  readonly accessToken: Redacted.Redacted
  readonly accessTokenExpire: number
  readonly refreshToken: Redacted.Redacted | undefined
  readonly session: StsSession
}

const ports = [12345, 12346, 12347, 12348, 12349] as const

const path = "/cli/callback"

const once = "Start the login again: a code can be used once."

const failed = (reason: "Denied" | "Timeout" | "Transport", detail: string, hint?: string): SourceFailed =>
  new SourceFailed({ source: oauth.name, reason, detail, hint, retryable: reason !== "Denied" })

/** How an address that the browser came back to is turned into a code. */
type Read = (address: Redacted.Redacted) => Either.Either<Redacted.Redacted, callback.Problem>

/** The next line that can be the answer. A wrong one is told to the user, who may paste another. */
const pasted = (read: Read, problem?: string): Effect.Effect<Redacted.Redacted, SourceFailed, Prompt> =>
  Effect.flatMap(Prompt, ({ paste }) =>
    paste(problem).pipe(
      Effect.mapError((issue) => failed("Transport", issue)),
      Effect.flatMap((line) =>
        Either.match(read(line), {
          onRight: (code) => Effect.succeed(code),
          onLeft: ({ denied, issue }) => denied ? failed("Denied", issue) : pasted(read, issue)
        })
      )
    ))

/**
 * Logs a user in. Everything secret in the result is `Redacted`; nothing is stored.
 *
 * @since 0.1.0
 * @category constructors
 */
export const login = (
  config: Config
): Effect.Effect<Login, CredentialsError, HttpClient.HttpClient | Browser | Callback | Prompt> =>
  Effect.gen(function*() {
    const { browser = true, patience = Duration.minutes(5), ...options } = yield* validate(oauth.name, Config)(config)
    const { ask, site } = yield* oauth.requests(options, once)
    const { challenge, verifier } = yield* pkce.makeVerifier
    const state = yield* pkce.makeState
    const { show } = yield* Prompt

    const addressFor = (redirectUri: string): string =>
      `${site.signIn}/oauth2/v1/auth?${
        [
          "response_type=code",
          `client_id=${site.clientId}`,
          `redirect_uri=${encodeURIComponent(redirectUri)}`,
          `state=${Redacted.value(state)}`,
          `code_challenge=${challenge}`,
          "code_challenge_method=S256"
        ].join("&")
      }`
    const readAt = (redirectUri: string): Read => (address) => callback.codeIn(address, redirectUri, state)

    const inBrowser = Effect.gen(function*() {
      const { listen } = yield* Callback
      const { open } = yield* Browser
      const { received, redirectUri } = yield* listen({
        ports,
        path,
        judge: (address, redirectUri) =>
          Either.match(callback.codeIn(address, redirectUri, state), {
            onRight: () => "accepted",
            onLeft: ({ denied }) => denied ? "denied" : "refused"
          })
      }).pipe(
        Effect.mapError((issue) =>
          failed("Transport", issue, "Free one of them, or log in without a browser on this machine (--no-browser).")
        )
      )
      const read = readAt(redirectUri)
      const address = addressFor(redirectUri)
      const opened = yield* open(address)
      yield* show({ address, opened, pasted: !opened })
      const answered = Effect.flatMap(received, (address) =>
        Either.match(read(address), {
          onRight: (code) => Effect.succeed(code),
          onLeft: ({ issue }) => failed("Denied", issue)
        }))
      // Where nothing can be pasted, the user can still open the address here.
      const code = yield* opened
        ? answered
        : Effect.raceFirst(
          answered,
          Effect.catchIf(pasted(read), ({ reason }) => reason !== "Denied", () => Effect.never)
        )
      return { code, redirectUri }
    })

    const elsewhere = Effect.gen(function*() {
      const redirectUri = `http://127.0.0.1:${ports[0]}${path}`
      yield* show({ address: addressFor(redirectUri), opened: false, pasted: true })
      return { code: yield* pasted(readAt(redirectUri)), redirectUri }
    })

    const { code, redirectUri } = yield* Effect.scoped(browser ? inBrowser : elsewhere).pipe(
      Effect.timeoutFail({
        duration: patience,
        onTimeout: () => failed("Timeout", `there was no sign-in within ${Duration.format(Duration.decode(patience))}`)
      })
    )
    const answer = yield* ask(
      "the sign-in",
      (url) =>
        HttpClientRequest.bodyUrlParams(HttpClientRequest.post(`${url}/v1/token`), {
          grant_type: "authorization_code",
          code: Redacted.value(code),
          client_id: site.clientId,
          redirect_uri: redirectUri,
          code_verifier: Redacted.value(verifier)
        }),
      oauthAnswer.readToken,
      0
    )
    const tokens = oauthAnswer.loginOf(answer, yield* Clock.currentTimeMillis, undefined)
    const session = yield* oauth.exchange(ask, tokens.accessToken)
    return { mode: "OAuth", siteType: options.siteType, ...tokens, session }
  })
