import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, ManagedRuntime } from "effect"
import { build } from "esbuild"
import * as Fs from "node:fs"
import * as Http from "node:http"
import type { AddressInfo, ListenOptions } from "node:net"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { makeFolder } from "../kit/children.ts"
import { ci, keyPair, oidcToken, roleArn, uriPath } from "../kit/cloud.ts"
import * as profiles from "../kit/profileWorld.ts"
import { run } from "../kit/run.ts"
import { mustHaveAll, type Runtime, runtimes } from "../kit/runtimes.ts"
import { expected, normalized } from "./utils/chainExpected.ts"
import * as proxy from "./utils/proxy.ts"

const world: WorldInput = {
  ...profiles.everything,
  credentialsUris: [
    { path: uriPath },
    { path: "/session" },
    { path: "/session", host: "credentials.example" },
    { path: "/short", sessionSeconds: 2 }
  ]
}

/** A cloud for all runtimes. Its certificates are none that they trust. */
const shared = ManagedRuntime.make(FakeAlicloudServer.layer({
  users: [{ ...ci, accessKeyId: "LTAI5tStore" }],
  roles: [{ arn: roleArn("open") }],
  stsHosts: ["127.0.0.1"]
}))

const folder = Fs.mkdtempSync(Path.join(tmpdir(), "chain-"))

/** As `docs/bundlers.md` says, with undici inside or beside it. */
const makeBundle = (name: string, external: ReadonlyArray<string>) =>
  build({
    entryPoints: [fileURLToPath(new URL("fixtures/chain.ts", import.meta.url))],
    outfile: Path.join(folder, name),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
    external: [...external]
  })

const bundled = Promise.all([makeBundle("beside.mjs", ["undici"]), makeBundle("inside.mjs", [])]).then(() => {
  Fs.symlinkSync(
    fileURLToPath(new URL("../../packages/node/node_modules", import.meta.url)),
    Path.join(folder, "node_modules")
  )
})

/** A home directory with everything that a source can read. */
const makeHome = (cloud: string) =>
  Effect.map(makeFolder("chain-home-"), (home) => {
    const write = (name: string, text: string): void => {
      Fs.mkdirSync(Path.dirname(Path.join(home, name)), { recursive: true })
      Fs.writeFileSync(Path.join(home, name), text, { mode: 0o600 })
    }
    const mine: Readonly<Record<string, object>> = {
      OIDC: { oidc_token_file: `${home}/token` },
      ChainableRamRoleArn: { source_profile: "AK" },
      OAuth: { oauth_refresh_token: "s3cr3t-refresh", oauth_access_token_expire: 1 },
      External: { process_command: `/bin/sh ${home}/external.sh` },
      CredentialsURI: { credentials_uri: `${cloud}${uriPath}` }
    }
    write(
      ".aliyun/config.json",
      JSON.stringify({
        current: "AK",
        profiles: [
          ...Object.entries(profiles.minimal).map(([mode, fields]) => ({ name: mode, mode, ...fields, ...mine[mode] })),
          { name: "slow", mode: "External", process_command: `/bin/sh ${home}/slow.sh` }
        ]
      })
    )
    write("external.sh", `echo '{"mode":"AK","access_key_id":"LTAI5tExternal","access_key_secret":"s3cr3t-external"}'`)
    write("slow.sh", `echo $$ > ${home}/slow.pid; exec sleep 60`)
    write("token", `${oidcToken}\n`)
    write("key.pem", keyPair.privateKey)
    write("empty/.keep", "")
    const pair = `access_key_id = ${ci.accessKeyId}\naccess_key_secret = ${ci.accessKeySecret}\n`
    const role = "role_arn = acs:ram::1234567890123456:role"
    const sections = {
      access_key: pair,
      sts: `${pair}security_token = s3cr3t-token\n`,
      bearer: "bearer_token = s3cr3t-bearer\n",
      ecs_ram_role: "role_name = EcsRole\n",
      ram_role_arn: `${pair}${role}/open\n`,
      oidc_role_arn:
        `${role}/pod\noidc_provider_arn = acs:ram::1234567890123456:oidc-provider/cluster\noidc_token_file_path = ${home}/token\n`,
      rsa_key_pair: `public_key_id = LTPubKey\nprivate_key_file = ${home}/key.pem\n`
    }
    write(
      "credentials.ini",
      Object.entries(sections).map(([type, keys]) => `[${type}]\ntype = ${type}\n${keys}`).join("\n")
    )
    return home
  })

/** Serves at an address until the scope closes. */
const serve = (address: ListenOptions, respond: Http.RequestListener) =>
  Effect.acquireRelease(
    Effect.async<Http.Server>((resume) => {
      const server = Http.createServer(respond).listen(address, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  ).pipe(Effect.map((server) => server.address()))

/** Never answers at `/silent`; elsewhere it redirects. */
const oddServer = Effect.map(
  serve({ host: "127.0.0.1", port: 0 }, (request, response) => {
    if (request.url !== "/silent") response.writeHead(302, { location: "/silent" }).end()
  }),
  (address) => `http://127.0.0.1:${(address as AddressInfo).port}`
)

/** The results by their check. */
const checksIn = (stdout: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    normalized(stdout).trimEnd().split("\n").map((line) => {
      const { check, ...outcome } = JSON.parse(line) as { readonly check: string; readonly result?: object }
      return [check, outcome.result ?? outcome]
    })
  )

/** The session of CloudSSO, and the session and the rotated refresh token of OAuth, in a file for its owner only. */
const assertWrittenBack = (file: string): void => {
  const { profiles } = JSON.parse(Fs.readFileSync(file, "utf8")) as {
    readonly profiles: ReadonlyArray<Readonly<Record<string, unknown>>>
  }
  const profile = (name: string) => profiles.find((profile) => profile["name"] === name)
  for (const name of ["CloudSSO", "OAuth"]) assert.match(String(profile(name)?.["access_key_id"]), /^STS\.Fake/)
  assert.match(String(profile("OAuth")?.["oauth_refresh_token"]), /^fake-oauth-refresh-token/)
  assert.strictEqual(Fs.statSync(file).mode & 0o777, 0o600)
}

/** Bun puts an undici of its own in the place of one beside a bundle, and Deno takes none from there. */
const placesOf = ({ name }: Runtime): ReadonlyArray<string> =>
  name === "Bun" ? ["beside", "inside"] : name === "Deno" ? ["inside"] : ["beside"]

/** So many runtimes at once that none of them waits too long for a processor. */
const inTurn = Effect.unsafeMakeSemaphore(2).withPermits(1)

const chain = (runtime: Runtime, bundle: string) =>
  Effect.gen(function*() {
    const { name, program } = runtime
    if (program === undefined) return yield* Effect.dieMessage(`${name} is not installed`)
    const { caFile, httpPort, httpUrl, httpsPort } = yield* FakeAlicloudServer.FakeAlicloudServer
    const stranger = yield* Effect.provide(FakeAlicloudServer.FakeAlicloudServer, yield* shared.runtimeEffect)
    const home = yield* makeHome(httpUrl)
    yield* serve({ path: Path.join(home, "api.sock") }, ({ method, url }, response) => response.end(`${method} ${url}`))
    const gate = yield* proxy.makeProxy({ httpPort, httpsPort })
    yield* Effect.promise(() => bundled)
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: Path.join(home, "empty"),
      NODE_EXTRA_CA_CERTS: caFile,
      DENO_DIR: Path.join(folder, "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      DO_NOT_TRACK: "1",
      HTTP_PROXY: "http://127.0.0.1:1",
      ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tProcess",
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t-process",
      CHAIN_CLOUD: httpUrl,
      CHAIN_HOME: home,
      CHAIN_ODD_SERVER: yield* oddServer,
      CHAIN_PROXY: proxy.urlOf(gate),
      CHAIN_SHARED_CLOUD: stranger.httpUrl,
      CHAIN_STORE: Path.join(folder, "store"),
      CHAIN_STRANGER: stranger.httpsUrl
    }
    const { code, stderr, stdout } = yield* run(program, [...runtime.allArgs, Path.join(folder, bundle)], {
      cwd: folder,
      env
    })
    assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
    assert.notMatch(stdout, /s3cr3t|fake-secret|fake-token|PRIVATE KEY/)
    assert.deepStrictEqual<unknown>(checksIn(stdout), expected)

    const journal = yield* (yield* FakeAlicloud).journal
    const requests = (endpoint: string): number => journal.filter((entry) => entry.endpoint === endpoint).length
    assert.deepStrictEqual([requests("oauth.token"), requests("oauth.exchange"), requests("cloudsso.credentials")], [
      1,
      1,
      1
    ])
    assert.isAbove(requests("imds.token"), 0)
    const { journal: ofAll } = yield* Effect.provide(FakeAlicloud, yield* shared.runtimeEffect)
    assert.strictEqual((yield* ofAll).length, 1)
    assert.includeMembers([...gate.targets], [
      "sts.aliyuncs.com:443",
      "oauth.aliyun.com:443",
      `${profiles.signInHost}:443`,
      "http://credentials.example/session"
    ])
    yield* Effect.sync(() => assertWrittenBack(Path.join(home, ".aliyun/config.json")))
  }).pipe(Effect.provide(FakeAlicloudServer.layer(world)), Effect.scoped, inTurn)

describe("the whole chain on", () => {
  afterAll(async () => {
    await shared.dispose()
    Fs.rmSync(folder, { recursive: true, force: true })
  })

  for (const runtime of runtimes) {
    const isMissing = runtime.program === undefined && !mustHaveAll
    const reason = isMissing ? ", which is not installed: .ci/run installs it" : ""
    for (const place of placesOf(runtime)) {
      it.live.skipIf(isMissing)(
        `${runtime.name}, undici ${place} the bundle${reason}`,
        () => chain(runtime, `${place}.mjs`),
        240_000
      )
    }
  }
})
