/** The source that a section of the credentials file configures by its `type`. `CredentialsFile` finds the section. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import type { FileLocation, InvalidConfig } from "../CredentialsError.ts"
import { invalidConfig } from "../CredentialsError.ts"
import { attributeConfig } from "../internal/profile/attribute.ts"
import * as fields from "../internal/profile/fields.ts"
import type * as Source from "../Source.ts"
import * as AccessKey from "../sources/AccessKey.ts"
import * as BearerToken from "../sources/BearerToken.ts"
import * as EcsRamRole from "../sources/EcsRamRole.ts"
import * as OidcRoleArn from "../sources/OidcRoleArn.ts"
import * as RamRoleArn from "../sources/RamRoleArn.ts"
import * as RsaKeyPair from "../sources/RsaKeyPair.ts"
import * as StsToken from "../sources/StsToken.ts"
import type * as Ini from "../unstable/Ini.ts"
import * as Text from "../unstable/Text.ts"

type Made = Effect.Effect<Source.Source, InvalidConfig, FileSystem.FileSystem | HttpClient.HttpClient>

/** A section, and where it is. */
export interface Section {
  readonly place: FileLocation
  readonly keys: Ini.Section
}

const pair = (section: fields.Fields): Effect.Effect<AccessKey.Config, InvalidConfig> =>
  Effect.all({
    accessKeyId: section.required("access_key_id"),
    accessKeySecret: section.secret("access_key_secret")
  })

const types: Readonly<Record<string, (section: fields.Fields) => Made>> = {
  access_key: (section) => Effect.flatMap(pair(section), AccessKey.make),
  sts: (section) =>
    Effect.flatMap(
      Effect.all({
        accessKeyId: section.required("access_key_id"),
        accessKeySecret: section.secret("access_key_secret"),
        securityToken: section.secret("security_token")
      }),
      StsToken.make
    ),
  bearer: (section) => Effect.flatMap(Effect.all({ bearerToken: section.secret("bearer_token") }), BearerToken.make),
  ecs_ram_role: (section) => EcsRamRole.make({ roleName: section.optional("role_name") }),
  ram_role_arn: (section) =>
    Effect.gen(function*() {
      const caller = yield* Effect.flatMap(pair(section), AccessKey.make)
      return yield* RamRoleArn.make(caller, {
        roleArn: yield* section.required("role_arn"),
        roleSessionName: section.optional("role_session_name"),
        policy: section.optional("policy")
      })
    }),
  oidc_role_arn: (section) =>
    Effect.gen(function*() {
      return yield* OidcRoleArn.make({
        roleArn: yield* section.required("role_arn"),
        oidcProviderArn: yield* section.required("oidc_provider_arn"),
        oidcTokenFilePath: yield* section.required("oidc_token_file_path"),
        roleSessionName: section.optional("role_session_name"),
        policy: section.optional("policy")
      })
    }),
  rsa_key_pair: (section) =>
    Effect.gen(function*() {
      return yield* RsaKeyPair.make({
        publicKeyId: yield* section.required("public_key_id"),
        privateKeyFile: yield* section.required("private_key_file")
      })
    })
}

/** Makes the source. A key without a value is an error where the section's type reads it, and does not matter elsewhere. */
export const sourceOf = (source: string, { keys, place }: Section): Made => {
  let unset: InvalidConfig | undefined
  const section = fields.make(source, place, (key) => {
    const entry = keys.get(key)
    if (entry !== undefined && entry.value === undefined) {
      unset ??= invalidConfig(source, { ...place, line: entry.line, fields: [key] }, "expected key = value")
    }
    return entry?.value
  })
  const made = Effect.flatMap(section.required("type"), (type) => {
    const make = Object.hasOwn(types, type) ? types[type] : undefined
    const problem = `${Text.word(type)} is not one of ${Object.keys(types).join(", ")}`
    return make === undefined
      ? invalidConfig(source, { ...place, line: keys.get("type")?.line }, { field: "type", problem })
      : make(section)
  })
  return Effect.flatMap(Effect.exit(Effect.mapError(made, attributeConfig(source, place))), (exit) => unset ?? exit)
}
