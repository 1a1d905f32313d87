/** Credentials as id, secret and token, for `OssCredentials` and `PopCoreCredentials`. */
import type { Credentials, Signing } from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { refused } from "./reader.ts"

/** The parts of a pair or session, for clients that support no other credentials: `ali-oss` and `@alicloud/pop-core`. */
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
        refused(source, credentials, `${client} supports only AccessKey pairs and sessions`)
      )
