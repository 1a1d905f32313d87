import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { errorOf, marker } from "../../../test/kit/leaks.ts"
import { locationOf, problemsOf } from "../../../test/kit/problems.ts"
import { noNetwork, withEnv } from "../../../test/kit/world.ts"
import * as Sts from "../src/Sts.ts"

type Env = Readonly<Record<string, string>>

const make = (options: Sts.Options, env: Env) =>
  Sts.make("RamRoleArn", options).pipe(Effect.provide(noNetwork), withEnv(env))

const endpoint = { ALIBABA_CLOUD_STS_ENDPOINT: "sts.env.example.com" }
const region = { ALIBABA_CLOUD_STS_REGION: "cn-shanghai" }
const vpc = { ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true" }

describe("the host of the Security Token Service", () => {
  const hosts: ReadonlyArray<readonly [title: string, options: Sts.Options, env: Env, url: string]> = [
    ["is the global one when nothing is said", {}, {}, "https://sts.aliyuncs.com"],
    ["is that of the region", { stsRegionId: "cn-hangzhou" }, {}, "https://sts.cn-hangzhou.aliyuncs.com"],
    ["is that of a region nobody has heard of", { stsRegionId: "moon-1" }, {}, "https://sts.moon-1.aliyuncs.com"],
    [
      "is in the VPC when that is enabled",
      { stsRegionId: "cn-hangzhou", enableVpc: true },
      {},
      "https://sts-vpc.cn-hangzhou.aliyuncs.com"
    ],
    [
      "is in the VPC when the environment enables it",
      { stsRegionId: "cn-hangzhou" },
      vpc,
      "https://sts-vpc.cn-hangzhou.aliyuncs.com"
    ],
    [
      "is not in the VPC when the option disables it",
      { stsRegionId: "cn-hangzhou", enableVpc: false },
      vpc,
      "https://sts.cn-hangzhou.aliyuncs.com"
    ],
    ["is not in the VPC without a region", { enableVpc: true }, {}, "https://sts.aliyuncs.com"],
    ["is not in the VPC without a region, whatever the environment says", {}, vpc, "https://sts.aliyuncs.com"],
    ["is that of the region of the environment", {}, region, "https://sts.cn-shanghai.aliyuncs.com"],
    [
      "is in the VPC of the region of the environment",
      {},
      { ...region, ...vpc },
      "https://sts-vpc.cn-shanghai.aliyuncs.com"
    ],
    [
      "only the word true enables the VPC",
      {},
      { ...region, ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "1" },
      "https://sts.cn-shanghai.aliyuncs.com"
    ],
    [
      "the word true may have any case",
      {},
      { ...region, ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: " TRUE " },
      "https://sts-vpc.cn-shanghai.aliyuncs.com"
    ],
    [
      "an endpoint goes before everything",
      { stsEndpoint: "sts.example.com", stsRegionId: "cn-hangzhou", enableVpc: true },
      { ...endpoint, ...region, ...vpc },
      "https://sts.example.com"
    ],
    [
      "a region goes before the environment",
      { stsRegionId: "cn-hangzhou" },
      { ...endpoint, ...region },
      "https://sts.cn-hangzhou.aliyuncs.com"
    ],
    [
      "the environment's endpoint goes before its region",
      {},
      { ...endpoint, ...region, ...vpc },
      "https://sts.env.example.com"
    ],
    [
      "empty variables count as not set",
      {},
      { ALIBABA_CLOUD_STS_ENDPOINT: " ", ALIBABA_CLOUD_STS_REGION: "" },
      "https://sts.aliyuncs.com"
    ],
    ["white space around it is dropped", { stsRegionId: " cn-hangzhou\n" }, {}, "https://sts.cn-hangzhou.aliyuncs.com"],
    ["a scheme and slashes are dropped", { stsEndpoint: " https://sts.example.com// " }, {}, "https://sts.example.com"],
    [
      "they are in the environment too",
      {},
      { ALIBABA_CLOUD_STS_ENDPOINT: "https://sts.env.example.com/" },
      "https://sts.env.example.com"
    ],
    ["plain HTTP becomes HTTPS", { stsEndpoint: "http://sts.example.com" }, {}, "https://sts.example.com"],
    [
      "plain HTTP becomes HTTPS for a name that starts like loopback",
      { stsEndpoint: "http://127.0.0.1.example.com" },
      {},
      "https://127.0.0.1.example.com"
    ],
    ["plain HTTP stays on loopback", { stsEndpoint: "http://127.0.0.1:8080/" }, {}, "http://127.0.0.1:8080"],
    ["plain HTTP stays on localhost", { stsEndpoint: "HTTP://localhost:8080" }, {}, "http://localhost:8080"],
    ["plain HTTP stays on IPv6 loopback", { stsEndpoint: "http://[::1]:8080" }, {}, "http://[::1]:8080"],
    [
      "loopback is asked by HTTPS when nothing else is said",
      { stsEndpoint: "127.0.0.1:8443" },
      {},
      "https://127.0.0.1:8443"
    ],
    ["a port is kept", { stsEndpoint: "sts.example.com:8443" }, {}, "https://sts.example.com:8443"]
  ]
  for (const [title, options, env, url] of hosts) {
    it.effect(title, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* make(options, env)).url, url)
      }))
  }

  const garbage = [
    "sts.example.com/path",
    `sts.example.com?token=${marker}`,
    `user:${marker}@sts.example.com`,
    "sts example com",
    "sts..example.com",
    ".example.com",
    "-sts.example.com",
    "sts-.example.com",
    "sts.example.com:",
    "sts.example.com:99999",
    "256.1.1.1",
    "[:::]",
    "[::1",
    "ftp://sts.example.com",
    "https://",
    "//",
    `sts.example.com#${marker}`,
    "sts.example.com\r\nx-injected: 1",
    "stș.example.com"
  ]
  for (const text of garbage) {
    it.effect(`cannot be ${JSON.stringify(text.replace(marker, "…"))}`, () =>
      Effect.gen(function*() {
        const option = yield* errorOf(make({ stsEndpoint: text }, {}))
        assert.strictEqual(option._tag, "InvalidConfig")
        assert.strictEqual(option.source, "RamRoleArn")
        assert.strictEqual(locationOf(option), "option stsEndpoint")
        assert.deepStrictEqual(problemsOf(option), ["it must be a host name, such as sts.cn-hangzhou.aliyuncs.com"])
        const variable = yield* errorOf(make({}, { ALIBABA_CLOUD_STS_ENDPOINT: text }))
        assert.strictEqual(locationOf(variable), "ALIBABA_CLOUD_STS_ENDPOINT")
      }))
  }

  for (const text of ["cn hangzhou", "evil.example.com/", `@${marker}`, "https://cn-hangzhou", "-", "cn:80"]) {
    it.effect(`has no region ${JSON.stringify(text.replace(marker, "…"))}`, () =>
      Effect.gen(function*() {
        const option = yield* errorOf(make({ stsRegionId: text }, {}))
        assert.strictEqual(locationOf(option), "option stsRegionId")
        const variable = yield* errorOf(make({}, { ALIBABA_CLOUD_STS_REGION: text }))
        assert.strictEqual(locationOf(variable), "ALIBABA_CLOUD_STS_REGION")
      }))
  }
})
