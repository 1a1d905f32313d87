/** The device authorization of CloudSSO, for `CloudSsoLogin`. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { SourceFailed } from "../../CredentialsError.ts"
import { isLoopback } from "../../unstable/Loopback.ts"
import * as secretJson from "../secrecy/secretJson.ts"
import * as cloudSso from "./cloudSso.ts"
import { makeShortVerifier } from "./pkce.ts"

const Secret = Schema.Redacted(Schema.NonEmptyString)

const decodeDevice = secretJson.decodeText(Schema.Struct({
  DeviceCode: Secret,
  UserCode: Schema.NonEmptyString,
  VerificationUri: Schema.NonEmptyString,
  VerificationUriComplete: Schema.NonEmptyString,
  Interval: Schema.optional(Schema.Unknown)
}))

const decodeToken = secretJson.decodeText(Schema.Struct({
  AccessToken: Secret,
  ExpiresIn: Schema.optional(Schema.Unknown)
}))

const seconds = (value: unknown, fallback: number, least: number, most: number): number => {
  const number = Number(value ?? Number.NaN)
  return Number.isFinite(number) && number > 0 ? Math.min(Math.max(Math.floor(number), least), most) : fallback
}

/** What a browser may be sent to. */
const isAddress = (url: string): boolean => {
  const [, scheme = "", host = ""] = /^(https?):\/\/([A-Za-z0-9.:[\]-]+)(?:[/?#][!-~]*)?$/i.exec(url) ?? []
  return scheme.toLowerCase() === "https" || (scheme !== "" && isLoopback(host))
}

export interface Device {
  readonly userCode: string
  /** The address that knows the code already. */
  readonly address: string
  /** The access token, once the user has confirmed the code, and when it ends in epoch seconds. */
  readonly token: Effect.Effect<
    { readonly accessToken: Redacted.Redacted; readonly accessTokenExpire: number },
    SourceFailed
  >
}

/** No authorization waits for so long. */
const maxPolls = 100

const patience = Duration.minutes(10)

const ended = new SourceFailed({
  source: cloudSso.name,
  reason: "Timeout",
  detail: "the sign-in was not confirmed in time",
  retryable: true
})

/** Starts an authorization. */
export const authorize = (
  ask: cloudSso.Ask,
  options: { readonly origin: string; readonly signInUrl: string; readonly clientId: string }
): Effect.Effect<Device, SourceFailed> =>
  Effect.gen(function*() {
    const { clientId: ClientId, origin, signInUrl } = options
    const { challenge, verifier } = yield* makeShortVerifier
    const device = yield* ask({
      what: "the start of the sign-in",
      request: HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post(`${origin}/device-authorization`), {
        PortalUrl: signInUrl,
        ClientId,
        CodeChallenge: challenge,
        CodeChallengeMethod: "S256"
      }),
      decode: decodeDevice
    })
    if (!isAddress(device.VerificationUriComplete)) {
      return yield* new SourceFailed({
        source: cloudSso.name,
        reason: "Malformed",
        detail: "the address of the sign-in page is not an https address",
        retryable: false
      })
    }
    const pause = Duration.seconds(seconds(device.Interval, 5, 1, 60))
    const poll = ask({
      what: "the sign-in",
      request: HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post(`${origin}/token`), {
        ClientId,
        DeviceCode: Redacted.value(device.DeviceCode),
        CodeVerifier: Redacted.value(verifier),
        GrantType: "urn:ietf:params:oauth:grant-type:device_code"
      }),
      decode: decodeToken
    })
    const isPending = (error: SourceFailed): boolean =>
      error.code === "AuthorizationPending" ||
      (error.retryable && error.reason !== "Malformed")
    const token = Effect.gen(function*() {
      for (let polls = 0; polls < maxPolls; polls++) {
        yield* Effect.sleep(pause)
        const answer = yield* Effect.catchIf(poll, isPending, () => Effect.succeed(undefined))
        if (answer !== undefined) {
          const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
          return {
            accessToken: answer.AccessToken,
            accessTokenExpire: now + seconds(answer.ExpiresIn, 3600, 1, 365 * 86_400)
          }
        }
      }
      return yield* ended
    }).pipe(
      Effect.timeoutFail({ duration: patience, onTimeout: () => ended }),
      Effect.catchIf((error) => error.code === "InvalidDeviceCodeError", () => ended)
    )
    return { userCode: device.UserCode, address: device.VerificationUriComplete, token }
  })
