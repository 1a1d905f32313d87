import type { Credentials, Signing } from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { refused } from "./reader.ts"

/** The parts of a pair or session as a client that knows no other credentials takes them. */
export interface Parts {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken: string | undefined
}

export const partsOf = (credentials: Signing): Parts => ({
  accessKeyId: credentials.accessKeyId,
  accessKeySecret: Redacted.value(credentials.accessKeySecret),
  securityToken: credentials._tag === "Sts" ? Redacted.value(credentials.securityToken) : undefined
})

export const signing =
  (source: string, client: string) => (credentials: Credentials): Either.Either<Signing, InvalidConfig> =>
    credentials._tag === "AccessKey" || credentials._tag === "Sts"
      ? Either.right(credentials)
      : Either.left(
        refused(source, credentials, `${client} signs with an AccessKey pair or a session and knows nothing else`)
      )
