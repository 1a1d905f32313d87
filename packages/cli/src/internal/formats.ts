/** The output formats of credentials, for `get`, `exec` and the private server. */
import type { Credentials, Sts } from "@effect-alicloud/credentials/Credentials"
import { expirationOf } from "@effect-alicloud/credentials/Credentials"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as SessionDocument from "@effect-alicloud/credentials/unstable/SessionDocument"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as messages from "../messages/common.ts"
import { assignments, type Syntax } from "./assignments.ts"
import { Refused } from "./failure.ts"

/** The lifetime of sessions without an expiration, the same as in the library. */
const undatedLifetime = "15 minutes"

/** When they end, as RFC 3339 has it. */
export const expiration = (credentials: Credentials): string | undefined =>
  Option.getOrUndefined(Option.map(expirationOf(credentials), Rfc3339.format))

const text = (value: unknown): string => JSON.stringify(value, null, 2)

/** `{type, providerName, …}` with the secrets, without the keys that there is nothing for. */
export const json = (credentials: Credentials): string => {
  const { providerName, type } = credentials
  switch (credentials._tag) {
    case "Anonymous":
      return text({ type, providerName })
    case "Bearer":
      return text({
        type,
        providerName,
        bearerToken: Redacted.value(credentials.bearerToken),
        headerName: Option.getOrUndefined(credentials.headerName)
      })
    case "AccessKey":
    case "Sts":
      return text({
        type,
        providerName,
        accessKeyId: credentials.accessKeyId,
        accessKeySecret: Redacted.value(credentials.accessKeySecret),
        securityToken: credentials._tag === "Sts" ? Redacted.value(credentials.securityToken) : undefined,
        expiration: expiration(credentials)
      })
  }
}

/** All variables that hold credentials. */
const all = [
  "ALIBABA_CLOUD_ACCESS_KEY_ID",
  "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
  "ALIBABA_CLOUD_SECURITY_TOKEN",
  "ALIBABA_CLOUD_BEARER_TOKEN",
  "ALIBABA_CLOUD_BEARER_TOKEN_HEADER_KEY"
] as const

/** The variables that hold credentials: `undefined` where one must not be set. */
const variables = (
  credentials: Credentials
): Effect.Effect<Partial<Record<typeof all[number], string | undefined>>, Refused> => {
  switch (credentials._tag) {
    case "Anonymous":
      return new Refused({ message: messages.nothingToExport })
    case "Bearer":
      return Effect.succeed({
        ALIBABA_CLOUD_BEARER_TOKEN: Redacted.value(credentials.bearerToken),
        ALIBABA_CLOUD_BEARER_TOKEN_HEADER_KEY: Option.getOrUndefined(credentials.headerName)
      })
    case "AccessKey":
    case "Sts":
      return Effect.succeed({
        ALIBABA_CLOUD_ACCESS_KEY_ID: credentials.accessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: Redacted.value(credentials.accessKeySecret),
        ALIBABA_CLOUD_SECURITY_TOKEN: credentials._tag === "Sts"
          ? Redacted.value(credentials.securityToken)
          : undefined
      })
  }
}

/** The same keys under every name that some SDK or tool reads: those for OSS, and the first Python SDK, without a token. */
export const allVariables = (credentials: Credentials): Effect.Effect<Record<string, string | undefined>, Refused> =>
  Effect.map(variables(credentials), (common) => {
    const { ALIBABA_CLOUD_ACCESS_KEY_ID: id, ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret } = common
    return {
      ...common,
      OSS_ACCESS_KEY_ID: id,
      OSS_ACCESS_KEY_SECRET: secret,
      OSS_SESSION_TOKEN: common["ALIBABA_CLOUD_SECURITY_TOKEN"],
      ...(credentials._tag === "AccessKey" ? { ALIYUN_ACCESS_KEY_ID: id, ALIYUN_ACCESS_KEY_SECRET: secret } : {})
    }
  })

/** Lines that set the variables of the credentials in a shell: `eval "$(alicloud-credentials get --format env)"`. */
export const env = (credentials: Credentials, syntax: Syntax): Effect.Effect<string, Refused> =>
  Effect.flatMap(variables(credentials), (values) => assignments(syntax, values))

/** Lines that unset all variables that `env` may have set. */
export const unset = (syntax: Syntax): Effect.Effect<string, Refused> =>
  assignments(syntax, Object.fromEntries(all.map((name) => [name, undefined])))

/** Only sessions can be handed on where the protocol demands a token. */
export const session = (credentials: Credentials): Effect.Effect<Sts, Refused> =>
  credentials._tag === "Sts"
    ? Effect.succeed(credentials)
    : new Refused({ message: messages.needsSession(credentials) })

/** The body that a credentials URI and the instance metadata service answer with. */
export const uri: (credentials: Credentials) => Effect.Effect<string, Refused> = Effect.fnUntraced(
  function*(credentials) {
    const found = yield* session(credentials)
    const now = yield* Clock.currentTimeMillis
    const end = Option.getOrElse(
      found.expiration,
      () => DateTime.addDuration(DateTime.unsafeMake(now), undatedLifetime)
    )
    return JSON.stringify(SessionDocument.write({ ...found, expiration: end }))
  }
)

/** The output format of a `process_command` of the aliyun CLI and the SDKs. */
export const external = (credentials: Credentials): Effect.Effect<string, Refused> =>
  credentials._tag === "AccessKey" || credentials._tag === "Sts"
    ? Effect.succeed(JSON.stringify({
      mode: credentials._tag === "Sts" ? "StsToken" : "AK",
      access_key_id: credentials.accessKeyId,
      access_key_secret: Redacted.value(credentials.accessKeySecret),
      sts_token: credentials._tag === "Sts" ? Redacted.value(credentials.securityToken) : undefined,
      expiration: expiration(credentials)
    }))
    : new Refused({ message: messages.needsPair(credentials) })
