import type { Endpoint, Fault } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import type { Answer, Question, Result, Side } from "./utils/clients.ts"
import { Clients, withClients } from "./utils/clients.ts"
import { keyPair, oauthProfile, pair, roleArn, withProfiles, world } from "./utils/cloud.ts"
import { cliText } from "./utils/loginWorld.ts"

const accessKey = { accessKeyId: pair.access_key_id, accessKeySecret: pair.access_key_secret }

const roleConfig = { type: "ram_role_arn", ...accessKey, roleArn: roleArn("open"), roleSessionName: "app-1" }

const offCloud = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }

/** Asks both clients the same, one after the other; faults end with the question. */
const both = (question: (side: Side) => Question, faults: ReadonlyArray<Fault> = []) =>
  Effect.gen(function*() {
    const { ask, cloud } = yield* Clients
    const askWithFaults = (side: Side) =>
      Effect.zipRight(
        cloud.setFaults(faults),
        Effect.ensuring(ask(side, question(side)), cloud.clearFaults)
      )
    return { official: yield* askWithFaults("official"), ours: yield* askWithFaults("ours") }
  })

const count = ({ requests }: Answer, endpoint: Endpoint): number =>
  requests.filter((request) => request.endpoint === endpoint).length

const errorOf = (result: Result | undefined): string => result !== undefined && "error" in result ? result.error : ""

const failed = ({ results: [result] }: Answer): string => {
  const error = errorOf(result)
  assert.notStrictEqual(error, "", "it must fail")
  return error
}

const succeeded = ({ results: [result] }: Answer): void => assert.strictEqual(errorOf(result), "")

describe.sequential("what happens with the official client and must not happen with ours", () => {
  withClients(world, (test) => {
    test("50 callers at the same time do not cause 50 requests", () =>
      Effect.gen(function*() {
        const { official, ours } = yield* both(() => ({ config: roleConfig, times: 50, atOnce: true }))
        assert.strictEqual(count(official, "sts.AssumeRole"), 50)
        assert.strictEqual(count(ours, "sts.AssumeRole"), 1)
      }))

    test("a session of 900 seconds is not fetched for every call", () =>
      Effect.gen(function*() {
        const question = { client: "900 seconds", config: { ...roleConfig, roleSessionExpiration: 900 } }
        const counts = yield* Effect.forEach([1, 2, 3], () =>
          Effect.map(
            Effect.delay(both(() => question), "1100 millis"),
            ({ official, ours }) => [count(official, "sts.AssumeRole"), count(ours, "sts.AssumeRole")]
          ))
        assert.deepStrictEqual(counts, [[1, 1], [1, 0], [1, 0]])
      }))

    test("the session of an instance is not fetched for every call of its last hour", () =>
      Effect.gen(function*() {
        const { official, ours } = yield* both(
          () => ({ config: { type: "ecs_ram_role" }, times: 5 }),
          [{ endpoint: "imds.credentials", kind: "expiresInSeconds", seconds: 3500 }]
        )
        assert.strictEqual(count(official, "imds.credentials"), 5)
        assert.strictEqual(count(ours, "imds.credentials"), 1)
      }))

    test("a program whose keys have no end is not run for every call", () =>
      Effect.gen(function*() {
        const { home } = yield* Clients
        const runs = (folder: string): string => Fs.readFileSync(join(folder, "runs"), "utf8")
        const homes = { official: homeOf(home), ours: homeOf(home) }
        const { official, ours } = yield* both((side) => ({ home: homes[side], times: 5 }))
        succeeded(official)
        succeeded(ours)
        assert.strictEqual(runs(homes.official), "xxxxx")
        assert.strictEqual(runs(homes.ours), "x")
      }))

    test("no host called undefined is asked for credentials when there is no credentials URI", () =>
      Effect.gen(function*() {
        const { official, ours } = yield* both(() => ({ env: offCloud }))
        failed(official)
        failed(ours)
        assert.deepStrictEqual(official.hosts, ["undefined:443"])
        assert.deepStrictEqual(ours.hosts, [])
      }))

    test("a profile that builds on itself does not overflow the stack", () =>
      Effect.gen(function*() {
        const { home } = yield* Clients
        const chained = { mode: "ChainableRamRoleArn", ram_role_arn: roleArn("open"), ram_session_name: "app" }
        const files = withProfiles({ name: "a", source_profile: "b", ...chained }, {
          name: "b",
          source_profile: "a",
          ...chained
        })
        const { official, ours } = yield* both(() => ({ home: home(files), env: offCloud }))
        assert.include(failed(official), "Maximum call stack size exceeded")
        assert.include(failed(ours), "source_profile leads back to itself: \"a\" -> \"b\" -> \"a\"")
      }))

    test("a session that had ended when it came is not handed out", () =>
      Effect.gen(function*() {
        const { identity } = yield* Clients
        const { official, ours } = yield* both(
          () => ({ config: roleConfig }),
          [{ endpoint: "sts.AssumeRole", kind: "expired" }]
        )
        assert.strictEqual(yield* identity(official.results[0]), "InvalidSecurityToken.Expired")
        assert.include(failed(ours), "had already expired")
      }))

    test("a session that has ended is not handed out again when there is no other", () =>
      Effect.gen(function*() {
        const { identity } = yield* Clients
        const question = {
          client: "short",
          config: { type: "credentials_uri", credentialsURI: "{cloud}/short" }
        }
        const first = yield* both(() => question)
        succeeded(first.official)
        succeeded(first.ours)
        yield* Effect.sleep("2100 millis")
        const { official, ours } = yield* both(() => question, [{ endpoint: "uri", kind: "status", status: 500 }])
        assert.strictEqual(yield* identity(official.results[0]), "InvalidSecurityToken.Expired")
        assert.include(failed(ours), "HTTP 500")
      }))

    test("an answer that says that it is none is not taken for one", () =>
      Effect.gen(function*() {
        const { official, ours } = yield* both(
          () => ({ config: { type: "credentials_uri", credentialsURI: "{cloud}/short" } }),
          [{ endpoint: "uri", kind: "setField", field: "Code", value: "Failed" }]
        )
        succeeded(official)
        assert.include(failed(ours), "code Failed")
      }))

    test("what is put right after a failure does not stay unseen", () =>
      Effect.gen(function*() {
        const { home } = yield* Clients
        const folders = { official: home({}), ours: home({}) }
        const question = (side: Side) => ({ client: "late", home: folders[side], env: offCloud })
        const first = yield* both(question)
        failed(first.official)
        failed(first.ours)
        for (const folder of Object.values(folders)) {
          Fs.mkdirSync(join(folder, ".aliyun"))
          Fs.writeFileSync(join(folder, ".aliyun/config.json"), cliText([{ name: "default", mode: "AK", ...pair }]))
        }
        const { official, ours } = yield* both(question)
        failed(official)
        succeeded(ours)
      }))

    test("a profile without a secret does not take one from the environment", () =>
      Effect.gen(function*() {
        const { home } = yield* Clients
        const files = withProfiles({ name: "p", mode: "AK", access_key_id: "LTAI5tCi" })
        const env = { ...offCloud, ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t-of-another" }
        const { official, ours } = yield* both(() => ({ home: home(files), env }))
        succeeded(official)
        assert.include(failed(ours), "access_key_secret is missing")
      }))

    test("an error does not show what is in a broken file", () =>
      Effect.gen(function*() {
        const { home } = yield* Clients
        const files = { ".aliyun/config.json": "{\"profiles\":[{\"access_key_secret\":\"s3cr3t\"}" }
        const { official, ours } = yield* both(() => ({ home: home(files), env: offCloud }))
        assert.include(failed(official), "s3cr3t")
        assert.notInclude(failed(ours), "s3cr3t")
        assert.include(failed(ours), "not valid JSON")
      }))

    test("an error does not show the token of a request that had no answer", () =>
      Effect.gen(function*() {
        const { official, ours } = yield* both(
          () => ({ config: { ...roleConfig, securityToken: "s3cr3t-token" } }),
          [{ endpoint: "sts", kind: "disconnect" }]
        )
        assert.include(failed(official), "s3cr3t-token")
        assert.notInclude(failed(ours), "s3cr3t")
        assert.include(failed(ours), "https://sts.aliyuncs.com")
      }))

    test("a CloudSSO login is not asked for without a body", () =>
      Effect.gen(function*() {
        const { home } = yield* Clients
        const files = withProfiles({
          name: "p",
          mode: "CloudSSO",
          cloud_sso_sign_in_url: "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
          cloud_sso_account_id: "1234567890123456",
          cloud_sso_access_config: "ac-1",
          access_token: "s3cr3t-sso",
          cloud_sso_access_token_expire: 4102444800
        })
        const { official, ours } = yield* both(() => ({ home: home(files), env: offCloud }))
        failed(official)
        assert.deepStrictEqual(official.requests.map(({ code }) => code), ["MissingBody"])
        succeeded(ours)
      }))

    test("an RSA key pair is not sent to the instance metadata service", () =>
      Effect.gen(function*() {
        const { home } = yield* Clients
        const folder = home({ "key.pem": keyPair.privateKey })
        const config = { type: "rsa_key_pair", publicKeyId: "LTPubKey", privateKeyFile: join(folder, "key.pem") }
        const { official, ours } = yield* both(() => ({ config, env: { ALIBABA_CLOUD_STS_REGION: "ap-northeast-1" } }))
        failed(official)
        assert.deepStrictEqual(official.requests.map(({ host }) => host), ["100.100.100.200"])
        succeeded(ours)
        assert.deepStrictEqual(ours.requests.map(({ endpoint, host }) => `${host} ${endpoint}`), [
          "sts.ap-northeast-1.aliyuncs.com sts.GenerateSessionAccessKey"
        ])
      }))

    test("a login whose exchange failed has not lost its refresh token", () =>
      Effect.gen(function*() {
        const { cloud, home } = yield* Clients
        const homes = { official: loggedIn(home, "official"), ours: loggedIn(home, "ours") }
        const { official, ours } = yield* both(
          (side) => ({ home: homes[side], env: offCloud }),
          [{ endpoint: "oauth.exchange", kind: "error", status: 403, code: "access_denied" }]
        )
        failed(official)
        failed(ours)
        const tokenIn = (side: Side): unknown => {
          const text = Fs.readFileSync(join(homes[side], ".aliyun/config.json"), "utf8")
          return (JSON.parse(text) as { readonly profiles: ReadonlyArray<Record<string, unknown>> })
            .profiles[0]?.["oauth_refresh_token"]
        }
        assert.strictEqual(tokenIn("official"), "rt-lost-official")
        assert.notStrictEqual((yield* cloud.oauthLogin("rt-lost-official"))?.currentRefreshToken, "rt-lost-official")
        assert.strictEqual(tokenIn("ours"), (yield* cloud.oauthLogin("rt-lost-ours"))?.currentRefreshToken)
      }))

    test("a stored session that is still good is not fetched again", () =>
      Effect.gen(function*() {
        const { home } = yield* Clients
        const profile = (side: Side) =>
          withProfiles(oauthProfile({
            oauth_access_token: `at-${side}`,
            oauth_access_token_expire: 4102444800,
            access_key_id: "STS.Stored",
            access_key_secret: "s3cr3t",
            sts_token: "s3cr3t",
            sts_expiration: 4102444800
          }))
        const { official, ours } = yield* both((side) => ({ home: home(profile(side)) }))
        assert.strictEqual(count(official, "oauth.exchange"), 1)
        assert.strictEqual(ours.requests.length, 0)
        succeeded(ours)
      }))
  })
})

type Home = (files: Readonly<Record<string, string>>) => string

const homeOf = (home: Home): string =>
  home({
    "print.js": "require(\"fs\").appendFileSync(__dirname + \"/runs\", \"x\");" +
      "console.log(JSON.stringify({ access_key_id: \"LTAI5tOther\", access_key_secret: \"s3cr3t-other\" }))",
    ...withProfiles({
      name: "p",
      mode: "External",
      process_command: `"${process.execPath}" "{home}/print.js"`
    })
  })

const loggedIn = (home: Home, side: Side): string =>
  home(withProfiles(oauthProfile({ oauth_refresh_token: `rt-lost-${side}` })))
