/** One AssumeRole call, shared by `RamRoleArn` and its keyed form `RamRoleArns`. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Credentials from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import { atOptions, invalidConfig } from "../../CredentialsError.ts"
import type { Caller } from "../../sources/RamRoleArn.ts"
import type * as Sts from "../../Sts.ts"

export const name = "RamRoleArn"

export const CallerFromSelf: Schema.Schema<Caller> = Schema.declare(
  (input: unknown): input is Caller =>
    Predicate.hasProperty(input, "get") && Effect.isEffect(input.get) &&
    (!Predicate.hasProperty(input, "invalidate") || input.invalidate === undefined ||
      Predicate.isFunction(input.invalidate)),
  { identifier: "Caller", description: "a credentials provider or source" }
)

/** The service's codes for a caller whose own credentials are no longer any good. */
const callerRefused = /^Invalid(?:AccessKeyId|SecurityToken)/

/** One AssumeRole call with the caller's current credentials. */
export const assume: (
  sts: Sts.Sts,
  caller: Caller,
  role: Sts.SessionOptions & { readonly roleArn: string; readonly externalId?: string | undefined }
) => Effect.Effect<Credentials.Credentials, CredentialsError> = Effect.fnUntraced(function*(sts, caller, role) {
  const signer = yield* caller.get
  if (signer._tag === "Bearer" || signer._tag === "Anonymous") {
    return yield* invalidConfig(
      name,
      atOptions("caller"),
      `${signer.type} credentials cannot sign AssumeRole: use a key pair or a session`
    )
  }
  const session = yield* Effect.tapError(
    sts.assumeRole(signer, role),
    (error) =>
      callerRefused.test(error.code ?? "") && caller.invalidate !== undefined ? caller.invalidate(signer) : Effect.void
  )
  return Credentials.sts({ type: "ram_role_arn", providerName: `ram_role_arn/${signer.providerName}`, ...session })
})
