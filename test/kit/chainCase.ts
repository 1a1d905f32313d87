import { CredentialsError, DefaultChain } from "@effect-alicloud/credentials"
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { Array as Arr, Order, ParseResult, Schema } from "effect"
import * as NodeFs from "node:fs"
import * as NodePath from "node:path"
import { fileURLToPath } from "node:url"

/** What every secret of a case contains, so that one search finds any of them. */
export const marker = "s3cr3t"

/** The sources in the chain's order. */
export const sources = DefaultChain.sources.map(({ name }) => name)

const Text = Schema.NonEmptyString
const Count = Schema.NonNegativeInt
const Source = Schema.Literal(...sources)

/** The error of one source. A bare name stands for `SourceUnavailable` with whatever reason. */
const Attempt = Schema.Union(
  Source,
  Schema.Struct({
    source: Source,
    tag: Schema.Literal("SourceUnavailable", "InvalidConfig"),
    contains: Schema.NonEmptyArray(Text)
  }),
  Schema.Struct({
    source: Source,
    tag: Schema.Literal("SourceFailed"),
    reason: CredentialsError.FailureReason,
    contains: Schema.NonEmptyArray(Text)
  })
)

export type Attempt = typeof Attempt.Type

const common = {
  title: Text,
  policy: Schema.optional(Schema.Literal("unavailable")),
  requests: Schema.Array(Text),
  withinMillis: Schema.optional(Count)
}

const Found = Schema.Struct({
  ...common,
  credentials: Schema.Struct({
    type: Text,
    providerName: Text,
    accessKeyId: Schema.optional(Text),
    hasToken: Schema.optional(Schema.Boolean),
    expiresInSeconds: Schema.optional(Count)
  }),
  skipped: Schema.Array(Attempt)
}).annotations({ identifier: "Found" })

const Failed = Schema.Struct({
  ...common,
  error: Schema.Struct({ tag: Schema.Literal("NoCredentials"), attempts: Schema.NonEmptyArray(Attempt) })
}).annotations({ identifier: "Failed" })

const Expected = Schema.Union(Found, Failed)

export type Expected = typeof Expected.Type

/** Every variable that a case may set or, with `null`, unset. */
const Variable = Schema.Literal(
  "ALIBABACLOUD_PROFILE",
  "ALIBABA_CLOUD_ACCESS_KEY_ID",
  "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
  "ALIBABA_CLOUD_CLI_PROFILE_DISABLED",
  "ALIBABA_CLOUD_CONFIG_FILE",
  "ALIBABA_CLOUD_CREDENTIALS_FILE",
  "ALIBABA_CLOUD_CREDENTIALS_URI",
  "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS",
  "ALIBABA_CLOUD_ECS_METADATA",
  "ALIBABA_CLOUD_ECS_METADATA_DISABLED",
  "ALIBABA_CLOUD_IMDSV1_DISABLE",
  "ALIBABA_CLOUD_IMDSV1_DISABLED",
  "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
  "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
  "ALIBABA_CLOUD_PROFILE",
  "ALIBABA_CLOUD_ROLE_ARN",
  "ALIBABA_CLOUD_ROLE_SESSION_NAME",
  "ALIBABA_CLOUD_SECURITY_TOKEN",
  "ALIBABA_CLOUD_STS_ENDPOINT",
  "ALIBABA_CLOUD_STS_REGION",
  "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
  "ALICLOUD_PROFILE",
  "ALIYUN_ACCESS_KEY_ID",
  "ALIYUN_ACCESS_KEY_SECRET",
  "HOME",
  "HOMEDRIVE",
  "HOMEPATH",
  "USERPROFILE"
)

const Env = Schema.partial(Schema.Record({ key: Variable, value: Schema.NullOr(Schema.String) })).annotations({
  identifier: "Env"
})

const strict = { errors: "all", onExcessProperty: "error" } as const

const decodeExpected = ParseResult.decodeUnknownSync(Expected, strict)
const decodeEnv = ParseResult.decodeUnknownSync(Env, strict)

export interface Case {
  /** The case's folder. */
  readonly path: string
  readonly env: Readonly<Record<string, string | null>>
  /** Checked by the fake cloud, which knows no unknown keys either. */
  readonly world: WorldInput
  readonly expected: Expected
  /** The text of every file of the case's home directory, by its path there. */
  readonly files: ReadonlyMap<string, string>
}

const root = fileURLToPath(new URL("../default-chain", import.meta.url))

export const folders: ReadonlyArray<string> = Arr.sort(
  NodeFs.readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name),
  Order.string
)

const readJson = (path: string): unknown => NodeFs.existsSync(path) ? JSON.parse(NodeFs.readFileSync(path, "utf8")) : {}

/** What the case must show, in its own words; the folder's name when it has none. */
export const titleOf = (folder: string): string =>
  /"title": "(?<title>[^"]+)"/.exec(NodeFs.readFileSync(NodePath.join(root, folder, "expected.json"), "utf8"))
    ?.groups?.["title"] ?? folder

const parts: ReadonlyArray<string> = ["env.json", "fs", "http.json", "expected.json"]

/** Keys whose values are secrets, in the files of a home directory. */
const secrets =
  /\b(?:access_key_secret|sts_token|security_token|(?:bearer|access|oauth_access|oauth_refresh)_token)"?\s*[:=]\s*"?(?<value>[A-Za-z][^",\r\n]*)/g

/** A secret without the marker would never be found. */
const unmarked = ({ env, files, world }: Omit<Case, "expected">): ReadonlyArray<string> => {
  const given = [
    ...Object.entries(env).filter(([name]) => /_(?:SECRET|SECURITY_TOKEN)$/.test(name)).map(([, value]) => value ?? ""),
    ...(world.users ?? []).map((user) => user.accessKeySecret),
    ...(world.oidcTokens ?? []).map(({ token }) => token),
    ...(world.oauthLogins ?? []).flatMap(({ accessToken = "", refreshToken }) => [accessToken, refreshToken]),
    ...(world.cloudSsoSites ?? []).flatMap(({ logins = [] }) => logins.map(({ accessToken }) => accessToken)),
    ...[...files.values()].flatMap((text) =>
      Array.from(text.matchAll(secrets), (match) => match.groups?.["value"] ?? "")
    )
  ]
  return given.filter((secret) => secret.trim() !== "" && !secret.includes(marker))
}

/** Reads a case. Throws on anything in it that nobody would look at. */
export const load = (folder: string): Case => {
  const path = NodePath.join(root, folder)
  const foreign = NodeFs.readdirSync(path).filter((name) => !parts.includes(name))
  if (foreign.length > 0) throw new Error(`${folder} has files that no one reads: ${foreign.join(", ")}`)
  const home = NodePath.join(path, "fs")
  const names = NodeFs.existsSync(home) ? NodeFs.readdirSync(home, { recursive: true, encoding: "utf8" }) : []
  const files = new Map(
    names
      .filter((name) => NodeFs.statSync(NodePath.join(home, name)).isFile())
      .map((name) => [name, NodeFs.readFileSync(NodePath.join(home, name), "utf8")] as const)
  )
  const env = decodeEnv(readJson(NodePath.join(path, "env.json"))) as Case["env"]
  const world = readJson(NodePath.join(path, "http.json")) as WorldInput
  const found = { path, env, world, files }
  const plain = unmarked(found)
  if (plain.length > 0) throw new Error(`${folder} has ${plain.length} secrets without "${marker}"`)
  return { ...found, expected: decodeExpected(readJson(NodePath.join(path, "expected.json"))) }
}
