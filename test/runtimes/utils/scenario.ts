/** The fake cloud of the scenario, and what every runtime must print for its checks. */
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import { keyPair } from "../../kit/cloud.ts"

export const { privateKey } = keyPair

const role = (name: string): string => `acs:ram::1234567890123456:role/${name}`

const providerArn = "acs:ram::1234567890123456:oidc-provider/cluster"

export const world: WorldInput = {
  users: [
    { name: "ci", accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-of-the-pair" },
    { name: "store", accessKeyId: "LTAI5tStore", accessKeySecret: "s3cr3t-of-the-pair" },
    { name: "flight", accessKeyId: "LTAI5tFlight", accessKeySecret: "s3cr3t-of-the-pair" }
  ],
  roles: [
    { arn: role("deploy") },
    { arn: role("next"), trustedRoles: [role("deploy")] },
    { arn: role("closed"), trustedUsers: [] },
    { arn: role("pod"), trustedOidcProviders: [providerArn] }
  ],
  oidcTokens: [{ token: "s3cr3t-oidc-token", providerArn, subject: "system:serviceaccount:default:app" }],
  publicKeys: [{ publicKeyId: "LTPubKey", publicKey: keyPair.publicKey }],
  credentialsUris: [{ path: "/session?a=%20b" }, { path: "/short", sessionSeconds: 2 }],
  stsHosts: ["127.0.0.1"],
  faults: [
    { endpoint: "uri", kind: "status", status: 404, after: 1, times: 1 },
    { endpoint: "sts.AssumeRole", kind: "latency", millis: 50 },
    { endpoint: "sts.AssumeRoleWithOIDC", kind: "hang", after: 1 },
    { endpoint: "sts.GenerateSessionAccessKey", kind: "disconnect", after: 1 }
  ]
}

const expected = {
  AccessKey: {
    tag: "AccessKey",
    type: "access_key",
    providerName: "static_ak",
    accessKeyId: "LTAI5tCi",
    expires: false,
    whole: true
  },
  StsToken: {
    tag: "Sts",
    type: "sts",
    providerName: "static_sts",
    accessKeyId: "LTAI5tCi",
    expires: false,
    whole: true
  },
  BearerToken: { tag: "Bearer", type: "bearer", providerName: "bearer", expires: false, whole: true },
  "Environment, a pair in a map": {
    tag: "AccessKey",
    type: "access_key",
    providerName: "env",
    accessKeyId: "LTAI5tMap",
    expires: false,
    whole: true
  },
  "Environment, a session in a map": {
    tag: "Sts",
    type: "sts",
    providerName: "env",
    accessKeyId: "LTAI5tMap",
    expires: false,
    whole: true
  },
  RamRoleArn: {
    tag: "Sts",
    type: "ram_role_arn",
    providerName: "ram_role_arn/static_ak",
    accessKeyId: "STS.Fake",
    expires: true,
    whole: true
  },
  "RamRoleArn with a session": {
    tag: "Sts",
    type: "ram_role_arn",
    providerName: "ram_role_arn/ram_role_arn/static_ak",
    accessKeyId: "STS.Fake",
    expires: true,
    whole: true
  },
  OidcRoleArn: {
    tag: "Sts",
    type: "oidc_role_arn",
    providerName: "oidc_role_arn",
    accessKeyId: "STS.Fake",
    expires: true,
    whole: true
  },
  RsaKeyPair: {
    tag: "AccessKey",
    type: "rsa_key_pair",
    providerName: "rsa_key_pair",
    accessKeyId: "TMP.Fake",
    expires: true,
    whole: true
  },
  CredentialsUri: {
    tag: "Sts",
    type: "credentials_uri",
    providerName: "credential_uri",
    accessKeyId: "STS.Fake",
    expires: true,
    whole: true
  },
  "one request for 1,000 readers": { readers: 1000, sessions: 1 },
  "not configured": { tag: "SourceUnavailable", source: "Environment" },
  "half configured": { tag: "InvalidConfig", source: "Environment", location: "ALIBABA_CLOUD_ACCESS_KEY_SECRET" },
  "configured wrongly": { tag: "InvalidConfig", source: "RamRoleArn", location: "option stsEndpoint" },
  denied: { tag: "SourceFailed", source: "RamRoleArn", reason: "Denied", status: 403, retryable: false },
  "wrong secret": { tag: "SourceFailed", source: "RamRoleArn", reason: "Denied", status: 400, retryable: false },
  "not found": { tag: "SourceFailed", source: "CredentialsUri", reason: "BadStatus", status: 404, retryable: false },
  "no answer": { tag: "SourceFailed", source: "OidcRoleArn", reason: "Timeout", retryable: true },
  "connection closed": { tag: "SourceFailed", source: "RsaKeyPair", reason: "Transport", retryable: true },
  "refreshed before and after the end": {
    whileRead: { sessions: 3, ended: 0, whole: true },
    unread: { replaced: true, whole: true }
  }
}

/** What those without a process print beside that. */
export const withoutProcess = {
  "Environment, without a process": { tag: "SourceUnavailable", source: "Environment" }
}

/** The scenario in one file. An import of a Node.js module would fail the build. */
export const bundle = async (entry: "page" | "process" | "worker"): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../fixtures/${entry}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    platform: "neutral",
    format: "esm",
    target: "es2022",
    mainFields: ["module", "main"]
  })
  return outputFiles[0]!.text
}

/** What no output may hold: every secret that the scenario is given, gets or sends. */
const secrets = ["s3cr3t", "fake-secret", "fake-token", privateKey.slice(60, 100)]

/** Checks the lines of both outputs, with the results of the runtime's own checks, and what the cloud has seen. */
export const assertRight = (
  { out, err }: { readonly out: string; readonly err: string },
  own: object
): Effect.Effect<void, never, FakeAlicloud> =>
  Effect.gen(function*() {
    for (const secret of secrets) assert.isFalse(`${out}${err}`.includes(secret), "a secret shows")
    assert.include(err, "<redacted>")
    assert.include(err, "SourceFailed")
    const lines = out.trimEnd().split("\n").map((line) => JSON.parse(line) as object)
    assert.deepStrictEqual(lines, Object.entries({ ...expected, ...own }).map(([check, result]) => ({ check, result })))
    const journal = yield* (yield* FakeAlicloud).journal
    assert.strictEqual(journal.filter(({ accessKeyId }) => accessKeyId === "LTAI5tFlight").length, 1)
  })
