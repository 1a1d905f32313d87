import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, ConfigProvider, Effect, Order, TestClock } from "effect"
import * as network from "../../../packages/cli/src/doctor/checks/network.ts"
import type { Check } from "../../../packages/cli/src/doctor/Report.ts"
import { doctor, fixesOf, levels, messagesOf, offCloud, pair } from "./utils/doctor.ts"

describe("doctor's check of the clock", () => {
  const skewed = (seconds: number): Effect.Effect<ReadonlyArray<Check>> =>
    Effect.map(
      doctor({ env: { ...pair, ...offCloud }, world: { clockSkewSeconds: seconds } }),
      ({ checks }) => checks("clock")
    )

  it.effect("is content up to 5 minutes, warns from there on, and from 15 on it is an error", () =>
    Effect.gen(function*() {
      assert.include(yield* skewed(0).pipe(Effect.map(messagesOf)), "in sync")
      assert.deepStrictEqual(levels(yield* skewed(-240)), ["ok"])
      const warned = yield* skewed(400)
      assert.deepStrictEqual(levels(warned), ["warning"])
      assert.include(messagesOf(warned), "6 min behind STS")
      const wrong = yield* skewed(-1000)
      assert.deepStrictEqual(levels(wrong), ["error"])
      assert.include(messagesOf(wrong), "16 min ahead of STS")
      assert.include(fixesOf(wrong), "NTP")
    }))

  it.effect("does not know where STS cannot be reached", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({
        env: { ...pair, ...offCloud },
        world: { faults: [{ endpoint: "sts", kind: "refuse" }] }
      })
      assert.deepStrictEqual(levels(checks("clock")), ["info"])
    }))

  it.effect("takes the time of another service that answered where STS cannot be reached", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({
        world: {
          instance: { roleName: "build" },
          faults: [{ endpoint: "sts", kind: "refuse" }],
          clockSkewSeconds: 3600
        }
      })
      const found = checks("clock", "http://100.100.100.200")
      assert.deepStrictEqual(levels(found), ["error"])
      assert.include(messagesOf(found), "60 min behind this server")
    }))
})

describe("doctor's check of the network", () => {
  it.effect("names the endpoint of STS, and why it cannot be reached", () =>
    Effect.gen(function*() {
      const env = { ...pair, ...offCloud, ALIBABA_CLOUD_STS_REGION: "cn-hangzhou" }
      const good = yield* doctor({ env })
      assert.deepStrictEqual(levels(good.checks("sts", "https://sts.cn-hangzhou.aliyuncs.com")), ["ok"])
      const bad = yield* doctor({ env, world: { faults: [{ endpoint: "sts", kind: "refuse" }] } })
      assert.deepStrictEqual(levels(bad.checks("sts")), ["warning"])
      assert.include(messagesOf(bad.checks("sts")), "ECONNREFUSED")
      assert.include(fixesOf(bad.checks("sts")), "HTTPS_PROXY")
      const wrong = yield* doctor({ env: { ...env, ALIBABA_CLOUD_STS_ENDPOINT: "s3cr3t host" } })
      assert.deepStrictEqual(levels(wrong.checks("sts", "ALIBABA_CLOUD_STS_ENDPOINT")), ["error"])
      assert.deepStrictEqual(wrong.requests, [])
    }))

  it.effect("gives up on a silent STS after 3 seconds", () =>
    Effect.gen(function*() {
      const silent = HttpClient.make(() => Effect.never)
      const fiber = yield* Effect.fork(Effect.provideService(network.sts, HttpClient.HttpClient, silent))
      yield* TestClock.adjust("3 seconds")
      const found = yield* fiber
      assert.include(messagesOf(found), "does not answer within 3 s")
    }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map()))))

  it.effect("says of a certificate that is not trusted where to put the right one", () =>
    Effect.gen(function*() {
      const client = HttpClient.make((request) =>
        new HttpClientError.RequestError({
          request,
          reason: "Transport",
          cause: new TypeError("fetch failed", {
            cause: Object.assign(new Error("self-signed certificate"), { code: "SELF_SIGNED_CERT_IN_CHAIN" })
          })
        })
      )
      const found = yield* Effect.provideService(network.sts, HttpClient.HttpClient, client)
      assert.include(messagesOf(found), "SELF_SIGNED_CERT_IN_CHAIN")
      assert.include(fixesOf(found), "NODE_EXTRA_CA_CERTS")
    }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map()))))

  it.effect("names the proxies without their credentials, and those that are none", () =>
    Effect.gen(function*() {
      const env = { ...pair, ...offCloud }
      const proxied = yield* doctor({
        env: { ...env, HTTPS_PROXY: "http://user:s3cr3t@proxy.example.com:3128/" }
      })
      assert.include(messagesOf(proxied.checks("proxy", "HTTPS_PROXY")), "http://proxy.example.com:3128 is used")
      const broken = yield* doctor({ env: { ...env, https_proxy: "socks5://s3cr3t" } })
      assert.deepStrictEqual(levels(broken.checks("proxy", "https_proxy")), ["error"])
      assert.deepStrictEqual(
        (yield* doctor({ env: { ...env, https_proxy: "", HTTPS_PROXY: "x:1" } })).checks("proxy"),
        []
      )
    }))

  it.effect("calls the metadata service only where the chain has not, and not where it is switched off", () =>
    Effect.gen(function*() {
      const instance = { roleName: "build" }
      const unasked = yield* doctor({ env: pair, world: { instance } })
      assert.deepStrictEqual(Arr.sort(unasked.requests, Order.string), [
        "GET sts",
        "POST sts.GetCallerIdentity",
        "PUT imds.token"
      ])
      assert.include(messagesOf(unasked.checks("imds")), "this is an ECS instance")
      const elsewhere = yield* doctor({ env: pair })
      assert.include(messagesOf(elsewhere.checks("imds")), "does not answer")
      const asked = yield* doctor({ world: { instance } })
      assert.strictEqual(asked.status("EcsRamRole"), "won")
      assert.strictEqual(asked.requests.filter((request) => request === "PUT imds.token").length, 1)
      assert.deepStrictEqual(asked.checks("imds"), [])
      const off = yield* doctor({ env: { ...pair, ...offCloud }, world: { instance } })
      assert.deepStrictEqual(off.requests, ["GET sts", "POST sts.GetCallerIdentity"])
    }))
})
