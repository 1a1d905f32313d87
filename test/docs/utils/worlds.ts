import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as HttpClient from "@effect/platform/HttpClient"
import { Effect, TestServices } from "effect"
import { redirectOf } from "../../kit/browser.ts"
import { cli, type Given } from "../../kit/cli.ts"
import { ciWorld, githubVariables, provider, roleVariables } from "../../kit/tokens.ts"
import type { Machine } from "./machine.ts"
import { home } from "./machine.ts"
import { logged, printed, start } from "./shown.ts"

/** What is shown in the world of a block: of a command line, or without one what an application logs. */
export interface World {
  readonly shows: (args: ReadonlyArray<string> | undefined) => Effect.Effect<ReadonlyArray<string>>
}

const notOf = (what: string): Effect.Effect<never> => Effect.dieMessage(`the block must be that of ${what}`)

/** One block may be that of several machines. */
const doctor = (...machines: ReadonlyArray<Machine>): World => ({
  shows: (args) =>
    args === undefined ? notOf("a command") : Effect.forEach(machines, (machine) => printed(args, machine))
})

const application = (...given: Parameters<typeof logged>): World => ({
  shows: (args) => args === undefined ? Effect.map(logged(...given), (text) => [text]) : notOf("an application")
})

/** A login waits for its user in real time. Its progress and its errors go to the same terminal. */
const login = (given: Given): World => ({
  shows: (args) =>
    args === undefined
      ? notOf("a command")
      : Effect.map(
        TestServices.provideLive(cli(args, { env: { NO_COLOR: "1" }, columns: 100, ...given })),
        ({ err }) => [err]
      )
})

const cloudSso = (accessConfigurations: ReadonlyArray<string>, denies = false): Given => ({
  browser: HttpClient.get,
  world: {
    cloudSsoSites: [{
      host: "signin-cn-shanghai.alibabacloudsso.com",
      pollSeconds: 1,
      user: {
        denies,
        grants: accessConfigurations.map((accessConfigurationName, index) => ({
          accountId: "1234567890123456",
          accountName: "shop",
          accessConfigurationId: `ac-${index + 1}`,
          accessConfigurationName
        }))
      }
    }]
  } satisfies WorldInput
})

const config = (current: string, profiles: ReadonlyArray<object>) => ({
  [`${home}/.aliyun/config.json`]: JSON.stringify({ current, profiles })
})

const key = { access_key_id: "LTAI5tDeveloper", access_key_secret: "s3cr3t" }

const developer = { name: "developer", accessKeyId: key.access_key_id, accessKeySecret: key.access_key_secret }

const plain = { name: "default", mode: "AK", ...key }

const roleArn = "acs:ram::1234567890123456:role/deploy"

const deploy = { name: "deploy", mode: "RamRoleArn", ...key, ram_role_arn: roleArn, ram_session_name: "laptop" }

const cloud = { users: [developer], roles: [{ arn: roleArn }] }

const laptop: Machine = { env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" } }

const withDeploy: Machine = { ...laptop, files: config("deploy", [deploy]), cloud }

const pair = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tFromEnvironment", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t" }

const tokenFile = "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token"

const providerArn = "acs:ram::1234567890123456:oidc-provider/ack-rrsa-c1"

const pod: Machine = {
  env: {
    ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1234567890123456:role/orders",
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: providerArn,
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: tokenFile
  },
  cloud: {
    roles: [{ arn: "acs:ram::1234567890123456:role/orders", trustedOidcProviders: [`${providerArn}-old`] }],
    oidcTokens: [{ token: "s3cr3t-oidc", providerArn, subject: "system:serviceaccount:shop:orders" }],
    instance: { roleName: "KubernetesWorkerRole" }
  }
}

const chainable = (name: string, source: string) => ({
  name,
  mode: "ChainableRamRoleArn",
  source_profile: source,
  ram_role_arn: roleArn,
  ram_session_name: "laptop"
})

const sso = {
  name: "staging",
  mode: "CloudSSO",
  access_token: "s3cr3t",
  cloud_sso_access_token_expire: start / 1000 - 7200,
  cloud_sso_sign_in_url: "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
  cloud_sso_account_id: "1234567890123456",
  cloud_sso_access_config: "ac-1"
}

const oauth = {
  name: "browser",
  mode: "OAuth",
  oauth_site_type: "CN",
  oauth_access_token: "s3cr3t",
  oauth_access_token_expire: start / 1000 - 60,
  oauth_refresh_token: "s3cr3t-used",
  oauth_refresh_token_expire: start / 1000 - 60
}

const external = { name: "company", mode: "External", process_command: "company-login --json s3cr3t" }

const podWithToken: Machine = { ...pod, files: { [tokenFile]: "s3cr3t-oidc" } }

const instance = (
  instance: NonNullable<Machine["cloud"]>["instance"],
  env: NonNullable<Machine["env"]> = {}
): Machine => ({ cloud: instance === undefined ? {} : { instance }, env })

/** The worlds of the page's blocks, in their order, by the heading of the entry. */
export const worlds: Readonly<Record<string, ReadonlyArray<World>>> = {
  "Nothing is configured": [doctor(laptop)],
  "Half of an AccessKey pair is set": [doctor({
    env: { ...laptop.env, ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tFromEnvironment" },
    files: config("default", [plain]),
    cloud
  })],
  "The environment takes precedence over my profile": [doctor({
    env: { ...laptop.env, ...pair },
    files: config("default", [plain]),
    cloud: {
      users: [{
        name: "ci",
        accessKeyId: pair.ALIBABA_CLOUD_ACCESS_KEY_ID,
        accessKeySecret: pair.ALIBABA_CLOUD_ACCESS_KEY_SECRET
      }]
    }
  })],
  "RRSA: the token file is missing": [doctor(pod)],
  "RRSA: the pod runs with its node's role": [doctor(podWithToken), application(podWithToken), doctor(podWithToken)],
  "An OIDC token is refused": [
    doctor({
      env: { ...roleVariables, ...githubVariables, ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: "github-actions" },
      cloud: { ...ciWorld(), oidcProviders: [{ ...provider, clientIds: ["other"] }] }
    })
  ],
  "The AccessKey is rejected": [
    doctor({ ...withDeploy, files: config("deploy", [{ ...deploy, access_key_secret: "s3cr3t-old" }]) }),
    doctor({ ...withDeploy, cloud: { ...cloud, users: [{ ...developer, active: false }] } }),
    doctor({ ...laptop, files: config("default", [{ ...plain, access_key_secret: "s3cr3t-old" }]), cloud })
  ],
  "The clock is wrong": [doctor({ ...withDeploy, cloud: { ...cloud, clockSkewSeconds: 1200 } })],
  "The profile does not exist, or refers to itself": [
    doctor({
      env: { ...laptop.env, ALIBABA_CLOUD_PROFILE: "stagin" },
      files: config("default", [plain, { ...plain, name: "staging" }])
    }),
    doctor({ ...laptop, files: config("deploy", [chainable("deploy", "base"), chainable("base", "deploy")]) })
  ],
  "The login has expired": [
    doctor({ ...laptop, files: config("staging", [sso]) }),
    doctor({ ...laptop, files: config("browser", [oauth]), cloud: { oauthLogins: [] } })
  ],
  "A login with a browser fails": [
    // With a browser on this machine it would need a port that other tests may have.
    login({
      world: { oauthUsers: [{ denies: true }] },
      pastes: (address) => Effect.map(redirectOf(address), (to) => [to])
    }),
    login({ world: { oauthUsers: [{}] } })
  ],
  "A CloudSSO login fails": [
    login(cloudSso(["admin"], true)),
    login(cloudSso([])),
    login({ ...cloudSso(["admin", "reader"]), columns: undefined }),
    login(cloudSso(["admin"]))
  ],
  "config.json cannot be read, or others can read it": [
    doctor({ ...laptop, files: { [`${home}/.aliyun/config.json`]: "{ \"current\": \"default\", s3cr3t" } }),
    doctor({ ...laptop, files: config("default", [plain]), cloud, mode: 0o644 })
  ],
  "The instance has no role": [
    doctor(instance({})),
    doctor(instance({ roleName: "worker" }, { ALIBABA_CLOUD_ECS_METADATA: "worker-role" })),
    doctor(instance({ roleName: "worker", imdsV2: false }, { ALIBABA_CLOUD_IMDSV1_DISABLED: "true" })),
    doctor(instance({ roleName: "worker" }, { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }))
  ],
  "A certificate is not trusted": [doctor({
    ...withDeploy,
    env: { ...laptop.env, HTTPS_PROXY: "http://proxy.example.com:3128" },
    untrusted: "SELF_SIGNED_CERT_IN_CHAIN"
  })],
  "The credentials URI returns a failure": [doctor({
    env: { ...laptop.env, ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1:8042/s3cr3t" },
    cloud: {
      credentialsUris: [{ path: "/s3cr3t" }],
      faults: [{ endpoint: "uri", kind: "setField", field: "Code", value: "Failed" }]
    }
  })],
  "The external program fails": [
    doctor({ ...laptop, files: config("company", [external]), exitCode: 3 }),
    doctor({
      env: { ...laptop.env, ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: "true" },
      files: config("company", [external])
    })
  ],
  "STS throttles requests": [
    doctor({ ...withDeploy, cloud: { ...cloud, faults: [{ endpoint: "sts", kind: "throttle" }] } })
  ],
  "STS is down, and sessions expire": [
    doctor({ ...withDeploy, cloud: { ...cloud, faults: [{ endpoint: "sts", kind: "refuse" }] } }),
    application(withDeploy, { later: "46 minutes", faults: [{ endpoint: "sts", kind: "refuse" }] })
  ]
}
