/** The object that `getCredential()` of `AlicloudCredential` returns. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { refused } from "./reader.ts"

const defaultHeader = "x-acs-bearer-token"

/** The name is sent as a request header, which allows only visible ASCII. */
const headerSafe = (providerName: string): string => providerName.replace(/[^\x21-\x7e]/g, "_")

/**
 * The fields of a `CredentialModel` that the official clients read. Secrets are accessors, so that JSON, inspection and
 * copies of the object do not show them; `toMap` contains them.
 */
export class Snapshot {
  readonly #credentials: Credentials
  readonly type: string
  readonly providerName: string
  readonly accessKeyId: string

  constructor(credentials: Credentials) {
    this.#credentials = credentials
    this.type = credentials.type
    this.providerName = headerSafe(credentials.providerName)
    this.accessKeyId = "accessKeyId" in credentials ? credentials.accessKeyId : ""
  }

  get accessKeySecret(): string {
    return "accessKeySecret" in this.#credentials ? Redacted.value(this.#credentials.accessKeySecret) : ""
  }

  get securityToken(): string | undefined {
    return "securityToken" in this.#credentials ? Redacted.value(this.#credentials.securityToken) : undefined
  }

  get bearerToken(): string | undefined {
    return "bearerToken" in this.#credentials ? Redacted.value(this.#credentials.bearerToken) : undefined
  }

  toMap(): Readonly<Record<string, string | undefined>> {
    const { accessKeyId, accessKeySecret, bearerToken, providerName, securityToken, type } = this
    return { accessKeyId, accessKeySecret, securityToken, bearerToken, type, providerName }
  }
}

const source = "AlicloudCredential"

export const ofCredentials = (credentials: Credentials): Either.Either<Snapshot, InvalidConfig> => {
  if (credentials._tag === "Anonymous") {
    return Either.left(refused(source, credentials, "official clients need a key or a bearer token to sign with"))
  }
  if (
    credentials._tag === "Bearer" && credentials.headerName._tag === "Some" &&
    credentials.headerName.value.toLowerCase() !== defaultHeader
  ) {
    return Either.left(
      refused(
        source,
        credentials,
        `official clients send a bearer token in ${defaultHeader}, this one names another header`
      )
    )
  }
  return Either.right(new Snapshot(credentials))
}
