import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { build } from "esbuild"
import { generateKeyPairSync } from "node:crypto"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { run } from "./utils/run.ts"
import { mustHaveAll, type Runtime, runtimes } from "./utils/runtimes.ts"

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" }
})

const role = (name: string): string => `acs:ram::1234567890123456:role/${name}`

const providerArn = "acs:ram::1234567890123456:oidc-provider/cluster"

const world: WorldInput = {
  users: [
    { name: "ci", accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-of-the-pair" },
    { name: "flight", accessKeyId: "LTAI5tFlight", accessKeySecret: "s3cr3t-of-the-pair" }
  ],
  roles: [
    { arn: role("deploy") },
    { arn: role("next"), trustedRoles: [role("deploy")] },
    { arn: role("closed"), trustedUsers: [] },
    { arn: role("pod"), trustedOidcProviders: [providerArn] }
  ],
  oidcTokens: [{ token: "s3cr3t-oidc-token", providerArn, subject: "system:serviceaccount:default:app" }],
  publicKeys: [{ publicKeyId: "LTPubKey", publicKey }],
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
  "Environment, of the process": {
    tag: "Sts",
    type: "sts",
    providerName: "env",
    accessKeyId: "LTAI5tProcess",
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

const folder = Fs.mkdtempSync(Path.join(tmpdir(), "runtimes-"))

const file = Path.join(folder, "scenario.mjs")

/** One file for all runtimes. An import of a Node.js module would fail the build. */
const bundled = build({
  entryPoints: [fileURLToPath(new URL("fixtures/scenario.ts", import.meta.url))],
  outfile: file,
  bundle: true,
  platform: "neutral",
  format: "esm",
  target: "es2022"
})

/** What no output may hold: every secret that the scenario is given, gets or sends. */
const secrets = ["s3cr3t", "fake-secret", "fake-token", privateKey.slice(60, 100)]

const scenario = ({ args, name, program }: Runtime) =>
  Effect.gen(function*() {
    if (program === undefined) return yield* Effect.dieMessage(`${name} is not installed`)
    const { httpPort, httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
    yield* Effect.promise(() => bundled)
    const env = {
      HOME: folder,
      DENO_DIR: Path.join(folder, "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      DO_NOT_TRACK: "1",
      ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tProcess",
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t-of-the-pair",
      ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t-token",
      SCENARIO_CLOUD: httpUrl,
      SCENARIO_PRIVATE_KEY: privateKey
    }
    const { code, stderr, stdout } = yield* run(program, [...args(httpPort), file], { cwd: folder, env })
    for (const secret of secrets) assert.isFalse(`${stdout}${stderr}`.includes(secret), "a secret shows")
    assert.strictEqual(code, 0, stderr)
    assert.include(stderr, "<redacted>")
    assert.include(stderr, "SourceFailed")
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as object)
    assert.deepStrictEqual(lines, Object.entries(expected).map(([check, result]) => ({ check, result })))
    const journal = yield* (yield* FakeAlicloud).journal
    assert.strictEqual(journal.filter(({ accessKeyId }) => accessKeyId === "LTAI5tFlight").length, 1)
  }).pipe(Effect.provide(FakeAlicloudServer.layer(world)), Effect.scoped)

describe("the sources on", () => {
  afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

  for (const runtime of runtimes) {
    const isMissing = runtime.program === undefined && !mustHaveAll
    const reason = isMissing ? ", which is not installed: .ci/run installs it" : ""
    it.live.skipIf(isMissing)(`${runtime.name}${reason}`, () => scenario(runtime), 60_000)
  }
})
