/** A source from an async function of the user's, for `Source.fromPromise`. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Credentials from "../../Credentials.ts"
import { CredentialsError, SourceFailed } from "../../CredentialsError.ts"
import type { GetKeys } from "../../Source.ts"
import * as Rfc3339 from "../../unstable/Rfc3339.ts"
import * as Text from "../../unstable/Text.ts"
import * as secretJson from "../secrecy/secretJson.ts"

const limitSeconds = 30

const field = (value: unknown, name: string): unknown => Predicate.hasProperty(value, name) ? value[name] : undefined

/** The fields may be accessors of a class. One that is `null` or empty counts as not given. */
const fieldsOf = (result: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    ["accessKeyId", "accessKeySecret", "securityToken", "expiration", "bearerToken"]
      .map((name) => [name, field(result, name)])
      .filter(([, value]) => value !== undefined && value !== null && value !== "")
  )

/** A function, because a schema at the top of this module would be in every application that uses `Source`. */
const reader = () => {
  const Secret = Schema.Redacted(Schema.NonEmptyString)
  const decodePair = secretJson.decode(Schema.Struct({
    accessKeyId: Schema.NonEmptyString,
    accessKeySecret: Secret,
    securityToken: Schema.optional(Secret),
    expiration: Schema.optional(Schema.Union(Schema.ValidDateFromSelf, Rfc3339.Rfc3339))
  }))
  const decodeBearer = secretJson.decode(Schema.Struct({ bearerToken: Secret }))
  return (result: unknown, providerName: string): Effect.Effect<Credentials.Credentials, ReadonlyArray<string>> =>
    Effect.gen(function*() {
      const fields = fieldsOf(result)
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
}

/** Names and codes only: the text of a foreign error may contain secrets. */
const rejected = (source: string, error: unknown): CredentialsError => {
  if (Schema.is(CredentialsError)(error)) return error
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

export const resolution = (name: string, get: GetKeys): Effect.Effect<Credentials.Credentials, CredentialsError> => {
  const read = reader()
  return Effect.tryPromise({
    try: async (signal) => await get(signal),
    catch: (error) => rejected(name, error)
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
      Effect.mapError(read(result, name), (issues) =>
        new SourceFailed({
          source: name,
          reason: "Malformed",
          detail: `the result of its function is not usable: ${issues.join("; ")}`,
          retryable: false
        }))
    )
  )
}
