/**
 * The Security Token Service: the calls that trade one credential for a session.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Signing } from "./Credentials.ts"
import type { InvalidConfig } from "./CredentialsError.ts"
import { SourceFailed } from "./CredentialsError.ts"
import * as env from "./internal/environment/env.ts"
import * as secretJson from "./internal/secrecy/secretJson.ts"
import * as clock from "./internal/source/clock.ts"
import * as Exchange from "./internal/source/exchange.ts"
import { timeoutsOf } from "./internal/source/options.ts"
import * as stsEndpoint from "./internal/source/stsEndpoint.ts"
import * as stsError from "./internal/source/stsError.ts"
import { Nonce } from "./Platform.ts"
import * as Signature from "./Signature.ts"
import { format, Rfc3339 } from "./unstable/Rfc3339.ts"
import { PascalCase, type StsSession } from "./unstable/SessionDocument.ts"
import type { Answer } from "./unstable/Transport.ts"

/**
 * The options of every source that calls the Security Token Service.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Options {
  /** The service's host, for example `sts.cn-hangzhou.aliyuncs.com`. Goes before `stsRegionId`. */
  readonly stsEndpoint?: string | undefined
  /** The region whose endpoint is used, for example `cn-hangzhou`. Default: the global endpoint. */
  readonly stsRegionId?: string | undefined
  /** Whether to use the region's VPC endpoint. Only with a region. */
  readonly enableVpc?: boolean | undefined
  /** Read time-out: how long to wait for the response, or for its next part. Default 5 seconds; a bare number is milliseconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How long connecting may take. Default 10 seconds; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The options of a session, in the words of the official clients.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface SessionOptions {
  /** Restricts the session to what this policy and the role both allow. */
  readonly policy?: string | undefined
  /** The session's lifetime in seconds, at least 900. Default 3600. */
  readonly roleSessionExpiration?: number | undefined
  /** How the session is named in audit logs. Default `effect-alicloud-<epoch ms>`, made once per source. */
  readonly roleSessionName?: string | undefined
}

/**
 * A client of the service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sts {
  /** The scheme and host of the endpoint. */
  readonly url: string
  /** Assumes a RAM role with the caller's signature. */
  readonly assumeRole: (
    caller: Signing,
    role: SessionOptions & {
      readonly roleArn: string
      readonly externalId?: string | undefined
      readonly sourceIdentity?: string | undefined
    }
  ) => Effect.Effect<StsSession, SourceFailed>
  /** Assumes a RAM role with an OIDC token, which is obtained anew for each attempt; nothing is signed. */
  readonly assumeRoleWithOidc: <E>(
    role: SessionOptions & {
      readonly roleArn: string
      readonly oidcProviderArn: string
      readonly oidcToken: Effect.Effect<Redacted.Redacted, E>
    }
  ) => Effect.Effect<StsSession, SourceFailed | E>
  /** Assumes a RAM role with a SAML response, which is obtained anew for each attempt; nothing is signed. */
  readonly assumeRoleWithSaml: <E>(
    role: Omit<SessionOptions, "roleSessionName"> & {
      readonly roleArn: string
      readonly samlProviderArn: string
      readonly samlAssertion: Effect.Effect<Redacted.Redacted, E>
    }
  ) => Effect.Effect<StsSession, SourceFailed | E>
  /** Trades an RSA key pair for a session that has no token. */
  readonly generateSessionAccessKey: (key: {
    readonly publicKeyId: string
    readonly privateKey: Redacted.Redacted
    readonly roleSessionExpiration?: number | undefined
  }) => Effect.Effect<Omit<StsSession, "securityToken">, SourceFailed | Signature.UnusablePrivateKey>
}

const RoleAnswer = Schema.Struct({ Credentials: PascalCase }).annotations({ identifier: "AssumeRoleResponse" })

const KeyAnswer = Schema.Struct({
  SessionAccessKey: Schema.Struct({
    SessionAccessKeyId: Schema.NonEmptyString,
    SessionAccessKeySecret: Schema.Redacted(Schema.NonEmptyString),
    Expiration: Schema.optional(Rfc3339)
  })
}).annotations({ identifier: "GenerateSessionAccessKeyResponse" })

const timeStampRefused = "InvalidTimeStamp.Expired"

const sessionEnd = (answer: typeof RoleAnswer.Type): DateTime.Utc | undefined => answer.Credentials.expiration

type Parameters = Readonly<Record<string, string | undefined>>

const present = (parameters: Parameters): Record<string, string> =>
  Object.fromEntries(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined))

const sessionParameters = (options: SessionOptions): Parameters => ({
  Policy: options.policy,
  DurationSeconds: String(options.roleSessionExpiration ?? 3600),
  RoleSessionName: options.roleSessionName
})

/**
 * Where the service is, as `https://host`: `stsEndpoint`, else that of `stsRegionId`, else `ALIBABA_CLOUD_STS_ENDPOINT`,
 * else that of `ALIBABA_CLOUD_STS_REGION`, else the global one. HTTPS only, but for loopback addresses. `source` is whom
 * an `InvalidConfig` names.
 *
 * @since 0.1.0
 * @category accessors
 */
export const endpoint = (source: string, options: Options = {}): Effect.Effect<string, InvalidConfig> =>
  Effect.flatMap(env.capture(source), (environment) => stsEndpoint.resolve(source, options, environment))

/**
 * A client of the service for one source, at its `endpoint`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (source: string, options: Options) => Effect.Effect<Sts, InvalidConfig, HttpClient.HttpClient> =
  Effect.fnUntraced(function*(source, options) {
    const url = yield* endpoint(source, options)
    const send = yield* Exchange.make
    const nonce = yield* Nonce
    const timeouts = timeoutsOf(options)
    const readClock = clock.reader("STS")
    /** What is taken off the clock for time stamps, since the service refused one. */
    let correction = 0

    const call = <A, I, E = never>(action: string, schema: Schema.Schema<A, I>, request: {
      readonly method: "GET" | "POST"
      readonly query: Parameters
      /** Made anew for each attempt. */
      readonly form: Effect.Effect<Parameters, E>
      /** What `form` waits for, for errors. */
      readonly formNeeds?: string | undefined
      readonly caller?: string | undefined
      readonly endOf: (decoded: A) => DateTime.Utc | undefined
      readonly sign?: (query: Record<string, string>) => Effect.Effect<string, E>
    }): Effect.Effect<A, SourceFailed | E> => {
      const decode = secretJson.decodeText(schema)
      const interpret = Effect.fnUntraced(function*(answer: Answer) {
        const reading = yield* readClock(answer)
        if (answer.status !== 200) {
          const error = yield* Effect.flip(stsError.interpret(source, `${action} was refused`, answer))
          if (error.code !== timeStampRefused || reading.hint === undefined) return yield* error
          correction = reading.ahead
          return yield* new SourceFailed({ ...error, hint: reading.hint })
        }
        const decoded = yield* Effect.catchAll(
          decode(answer.text),
          (issues) => stsError.notUsable(source, action, answer, issues)
        )
        yield* clock.check(source, reading, request.endOf(decoded))
        return decoded
      })
      const prepare = Effect.gen(function*() {
        const form = present(yield* request.form)
        const query = present({
          Action: action,
          Format: "JSON",
          Version: "2015-04-01",
          Timestamp: format((yield* Clock.currentTimeMillis) - correction),
          SignatureNonce: request.sign === undefined ? undefined : yield* nonce,
          ...request.query
        })
        const signature = request.sign === undefined ? undefined : yield* request.sign({ ...query, ...form })
        return HttpClientRequest.make(request.method)(url).pipe(
          HttpClientRequest.setUrlParams(present({ ...query, Signature: signature })),
          HttpClientRequest.acceptJson,
          request.caller === undefined ? (self) => self : HttpClientRequest.setHeader(
            "x-acs-credentials-provider",
            request.caller
          ),
          request.method === "GET" ? (self) => self : HttpClientRequest.bodyUrlParams(form)
        )
      })
      const sent = send({
        source,
        url,
        request: prepare,
        requestNeeds: request.formNeeds,
        timeouts,
        direct: false,
        retries: 2,
        interpret
      })
      return Effect.suspend(() => {
        const before = correction
        return Effect.catchIf(
          sent,
          (error) => error instanceof SourceFailed && error.code === timeStampRefused && correction !== before,
          () => sent
        )
      }).pipe(Effect.withSpan(`alicloud.sts.${action}`, {
        kind: "client",
        captureStackTrace: false,
        attributes: { source, "server.address": url.replace(/^https?:\/\//, "") }
      }))
    }

    return {
      url,
      assumeRole: (caller, role) =>
        call("AssumeRole", RoleAnswer, {
          endOf: sessionEnd,
          method: "POST",
          query: {
            AccessKeyId: caller.accessKeyId,
            SecurityToken: caller._tag === "Sts" ? Redacted.value(caller.securityToken) : undefined,
            SignatureMethod: "HMAC-SHA1",
            SignatureVersion: "1.0"
          },
          form: Effect.succeed({
            ...sessionParameters(role),
            RoleArn: role.roleArn,
            ExternalId: role.externalId,
            SourceIdentity: role.sourceIdentity
          }),
          caller: /^[\x21-\x7e]{1,256}$/.test(caller.providerName) ? caller.providerName : undefined,
          sign: (parameters) =>
            Signature.rpcHmacSha1({ method: "POST", parameters, accessKeySecret: caller.accessKeySecret })
        }).pipe(Effect.map(({ Credentials: session }) => session)),
      assumeRoleWithOidc: (role) =>
        call("AssumeRoleWithOIDC", RoleAnswer, {
          endOf: sessionEnd,
          method: "POST",
          query: {},
          form: Effect.map(role.oidcToken, (token) => ({
            ...sessionParameters(role),
            RoleArn: role.roleArn,
            OIDCProviderArn: role.oidcProviderArn,
            OIDCToken: Redacted.value(token)
          })),
          formNeeds: "OIDC token"
        }).pipe(Effect.map(({ Credentials: session }) => session)),
      assumeRoleWithSaml: (role) =>
        call("AssumeRoleWithSAML", RoleAnswer, {
          endOf: sessionEnd,
          method: "POST",
          query: {},
          form: Effect.map(role.samlAssertion, (assertion) => ({
            ...sessionParameters({ ...role, roleSessionName: undefined }),
            RoleArn: role.roleArn,
            SAMLProviderArn: role.samlProviderArn,
            SAMLAssertion: Redacted.value(assertion)
          })),
          formNeeds: "SAML assertion"
        }).pipe(Effect.map(({ Credentials: session }) => session)),
      generateSessionAccessKey: (key) =>
        call("GenerateSessionAccessKey", KeyAnswer, {
          endOf: ({ SessionAccessKey: session }) => session.Expiration,
          method: "GET",
          query: {
            AccessKeyId: key.publicKeyId,
            DurationSeconds: String(key.roleSessionExpiration ?? 3600),
            SignatureMethod: "SHA256withRSA",
            SignatureType: "PRIVATEKEY",
            SignatureVersion: "1.0"
          },
          form: Effect.succeed({}),
          sign: (parameters) => Signature.rpcRsaSha256({ method: "GET", parameters, privateKey: key.privateKey })
        }).pipe(Effect.map(({ SessionAccessKey: session }) => ({
          accessKeyId: session.SessionAccessKeyId,
          accessKeySecret: session.SessionAccessKeySecret,
          expiration: session.Expiration
        })))
    }
  })
