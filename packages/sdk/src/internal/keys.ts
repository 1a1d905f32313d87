/** A source from a function of the user's: `get` of `createCredential`. */
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { CredentialsError, SourceFailed } from "@effect-alicloud/credentials/CredentialsError"
import * as SecretJson from "@effect-alicloud/credentials/SecretJson"
import * as Source from "@effect-alicloud/credentials/Source"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { FunctionOptions } from "../CredentialOptions.ts"

const limitSeconds = 30

const Secret = Schema.Redacted(Schema.NonEmptyString)

const Pair = Schema.Struct({
  accessKeyId: Schema.NonEmptyString,
  accessKeySecret: Secret,
  securityToken: Schema.optional(Secret),
  expiration: Schema.optional(Schema.Union(Schema.ValidDateFromSelf, Rfc3339.Rfc3339))
})

const Bearer = Schema.Struct({ bearerToken: Secret })

const decodePair = SecretJson.decode(Pair)

const decodeBearer = SecretJson.decode(Bearer)

const field = (value: unknown, name: string): unknown => Predicate.hasProperty(value, name) ? value[name] : undefined

/** The fields may be accessors of a class. One that is `null` or empty counts as not given. */
const fieldsOf = (result: unknown, names: ReadonlyArray<string>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    names.map((name) => [name, field(result, name)]).filter(([, value]) =>
      value !== undefined && value !== null && value !== ""
    )
  )

const credentialsOf = Effect.fnUntraced(function*(result: unknown, providerName: string) {
  const fields = fieldsOf(result, ["accessKeyId", "accessKeySecret", "securityToken", "expiration", "bearerToken"])
  if (!("accessKeyId" in fields) && "bearerToken" in fields) {
    return Credentials.bearer({ providerName, ...yield* decodeBearer(fields) })
  }
  const { expiration, securityToken, ...pair } = yield* decodePair(fields)
  const all = {
    type: providerName,
    providerName,
    ...pair,
    expiration: expiration instanceof Date ? DateTime.unsafeFromDate(expiration) : expiration
  }
  return securityToken === undefined ? Credentials.accessKey(all) : Credentials.sts({ ...all, securityToken })
})

const isCredentialsError = Schema.is(CredentialsError)

/** Names and codes only: the text of a foreign error may contain secrets. */
const failure = (source: string, error: unknown): CredentialsError => {
  if (isCredentialsError(error)) return error
  const errorName = Text.code(field(error, "name"))
  return new SourceFailed({
    source,
    reason: "Transport",
    detail: `its function was rejected${errorName === undefined ? "" : ` with ${errorName}`}`,
    code: Text.code(field(error, "code")),
    hint: "Log the error inside the function to see more.",
    retryable: true
  })
}

export const source = ({ get, name = "get" }: FunctionOptions): Source.Source =>
  Source.fromEffect(
    name,
    Effect.tryPromise({
      try: async (signal) => await get(signal),
      catch: (error) => failure(name, error)
    }).pipe(
      Effect.timeoutFail({
        duration: `${limitSeconds} seconds`,
        onTimeout: () =>
          new SourceFailed({
            source: name,
            reason: "Timeout",
            detail: `its function took longer than ${limitSeconds} seconds`,
            retryable: true
          })
      }),
      Effect.flatMap((result) =>
        Effect.mapError(credentialsOf(result, name), (issues) =>
          new SourceFailed({
            source: name,
            reason: "Malformed",
            detail: `the result of its function is not usable: ${issues.join("; ")}`,
            retryable: false
          }))
      )
    )
  )
