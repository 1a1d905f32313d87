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

/** The error of one source. A name alone is `SourceUnavailable` with any reason. */
const Telling = Schema.Union(
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

export type Attempt = typeof Telling.Type | typeof Source.Type

const common = {
  requests: Schema.Array(Text),
  withinMillis: Schema.optional(Count)
}

const Found = Schema.Struct({
  ...common,
  winner: Source,
  credentials: Schema.Struct({
    type: Text,
    providerName: Text,
    accessKeyId: Schema.optional(Text),
    hasToken: Schema.optional(Schema.Boolean),
    expiresInSeconds: Schema.optional(Count)
  }),
  attempts: Schema.optionalWith(Schema.Array(Telling), { default: () => [] })
}).annotations({ identifier: "Found" })

const Failed = Schema.Struct({
  ...common,
  attempts: Schema.optionalWith(Schema.Array(Telling), { default: () => [] })
}).annotations({ identifier: "Failed" })

const Expectation = Schema.Union(Found, Failed)

/** An expectation with the error of every source that was tried, in order. */
export type Expected =
  & (Omit<typeof Found.Type, "attempts"> | Omit<typeof Failed.Type, "attempts">)
  & { readonly attempts: ReadonlyArray<Attempt> }

/** Every variable that a case may set or, with `null`, unset. */
const Variable = Schema.Literal(
  "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
  "ACTIONS_ID_TOKEN_REQUEST_URL",
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
  "ALIBABA_CLOUD_OIDC_TOKEN",
  "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
  "ALIBABA_CLOUD_PROFILE",
  "ALIBABA_CLOUD_ROLE_ARN",
  "ALIBABA_CLOUD_ROLE_SESSION_NAME",
  "ALIBABA_CLOUD_SECURITY_TOKEN",
  "ALIBABA_CLOUD_STS_ENDPOINT",
  "ALIBABA_CLOUD_STS_REGION",
  "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED",
  "ALICLOUD_CREDENTIALS_OIDC_AUDIENCE",
  "ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM",
  "ALICLOUD_PROFILE",
  "ALIYUN_ACCESS_KEY_ID",
  "ALIYUN_ACCESS_KEY_SECRET",
  "BUILDKITE_AGENT_ACCESS_TOKEN",
  "BUILDKITE_JOB_ID",
  "HOME",
  "HOMEDRIVE",
  "HOMEPATH",
  "USERPROFILE"
)

const Env = Schema.partial(Schema.Record({ key: Variable, value: Schema.NullOr(Schema.String) })).annotations({
  identifier: "Env"
})

const CaseFile = Schema.Struct({
  title: Text,
  strict: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  environment: Schema.optionalWith(Env, { default: () => ({}) }),
  // Checked by the fake cloud, which allows no unknown keys either.
  world: Schema.optionalWith(Schema.Object, { default: () => ({}) }),
  expectation: Expectation
})

const decode = ParseResult.decodeUnknownSync(CaseFile, { errors: "all", onExcessProperty: "error" })

export interface Case {
  /** The case's folder. */
  readonly path: string
  /** Whether the strict chain runs. */
  readonly strict: boolean
  readonly env: Readonly<Record<string, string | null>>
  readonly world: WorldInput
  readonly expected: Expected
  /** The text of every file of the case's home directory, by its path there. */
  readonly files: ReadonlyMap<string, string>
}

/**
 * Adds the sources that a case does not mention: each one that was tried found nothing. So a new source breaks no case.
 * The chain ends at the winner, the strict one also at the first source that is configured but broken.
 */
const withAbsent = (expectation: typeof Expectation.Type, strict: boolean): Expected => {
  const broken = strict ? expectation.attempts.find(({ tag }) => tag !== "SourceUnavailable") : undefined
  const tried = "winner" in expectation
    ? sources.slice(0, sources.indexOf(expectation.winner))
    : sources.slice(0, broken === undefined ? sources.length : sources.indexOf(broken.source) + 1)
  const late = expectation.attempts.filter(({ source }) => !tried.includes(source))
  if (late.length > 0) throw new Error(`no attempt is possible of ${late.map(({ source }) => source).join(", ")}`)
  const attempts = tried.map((name) => expectation.attempts.find(({ source }) => source === name) ?? name)
  return { ...expectation, attempts }
}

const root = fileURLToPath(new URL("../default-chain", import.meta.url))

export const folders: ReadonlyArray<string> = Arr.sort(
  NodeFs.readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name),
  Order.string
)

const readJson = (folder: string): unknown =>
  JSON.parse(NodeFs.readFileSync(NodePath.join(root, folder, "case.json"), "utf8"))

/** What the case shows, in its own words; the folder's name where it says nothing. */
export const titleOf = (folder: string): string => {
  const { title } = readJson(folder) as { readonly title?: string }
  return title ?? folder
}

const parts: ReadonlyArray<string> = ["case.json", "fs"]

/** Keys whose values are secrets, in the files of a home directory. */
const secrets =
  /\b(?:access_key_secret|sts_token|security_token|(?:bearer|access|oauth_access|oauth_refresh)_token)"?\s*[:=]\s*"?(?<value>[A-Za-z][^",\r\n]*)/g

/** A secret without the marker would never be found. */
const unmarked = ({ env, files, world }: Omit<Case, "expected">): ReadonlyArray<string> => {
  const given = [
    ...Object.entries(env).filter(([name]) =>
      /_(?:SECRET|SECURITY_TOKEN|OIDC_TOKEN|REQUEST_TOKEN|ACCESS_TOKEN)$/.test(name)
    ).map((
      [, value]
    ) => value ?? ""),
    ...(world.users ?? []).map((user) => user.accessKeySecret),
    ...(world.oidcTokens ?? []).map(({ token }) => token),
    ...(world.tokenPlatforms ?? []).map(({ requestToken = "" }) => requestToken),
    ...(world.oauthLogins ?? []).flatMap(({ accessToken = "", refreshToken }) => [accessToken, refreshToken]),
    ...(world.cloudSsoSites ?? []).flatMap(({ logins = [] }) => logins.map(({ accessToken }) => accessToken)),
    ...[...files.values()].flatMap((text) =>
      Array.from(text.matchAll(secrets), (match) => match.groups?.["value"] ?? "")
    )
  ]
  return given.filter((secret) => secret.trim() !== "" && !secret.includes(marker))
}

/** Reads a case. Throws on any part of it that no test reads. */
export const load = (folder: string): Case => {
  const path = NodePath.join(root, folder)
  const foreign = NodeFs.readdirSync(path).filter((name) => !parts.includes(name))
  if (foreign.length > 0) throw new Error(`${folder} has files that no test reads: ${foreign.join(", ")}`)
  const home = NodePath.join(path, "fs")
  const names = NodeFs.existsSync(home) ? NodeFs.readdirSync(home, { recursive: true, encoding: "utf8" }) : []
  const files = new Map(
    names
      .filter((name) => NodeFs.statSync(NodePath.join(home, name)).isFile())
      .map((name) => [name, NodeFs.readFileSync(NodePath.join(home, name), "utf8")] as const)
  )
  const { environment, expectation, strict, world } = decode(readJson(folder))
  const found = {
    path,
    strict,
    env: environment as Case["env"],
    world: world as WorldInput,
    files
  }
  const plain = unmarked(found)
  if (plain.length > 0) throw new Error(`${folder} has ${plain.length} secrets without "${marker}"`)
  return { ...found, expected: withAbsent(expectation, strict) }
}
