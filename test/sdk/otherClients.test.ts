/** Clients that take their credentials in other shapes: `@alicloud/log`, the preview of `ali-oss` 7, `getCredentials()`. */
import { OssCredentials, PopCoreCredentials } from "@effect-alicloud/sdk"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { createRequire } from "node:module"
import { cached, numbered, pair } from "../kit/sessions.ts"
import { rejectionOf, role, scenario } from "./utils/scenario.ts"
import * as sls from "./utils/sls.ts"

const require = createRequire(import.meta.url)

interface LogClient {
  readonly listLogStore: (project: string) => Promise<{ readonly logstores: ReadonlyArray<string> }>
}

const Log = require("@alicloud/log") as new(options: object) => LogClient

interface BucketClient {
  readonly getBucketInfo: (request: { readonly bucket: string }) => Promise<unknown>
}

const { default: Oss7 } = require("ali-oss-7") as { readonly default: new(options: object) => BucketClient }

describe("@alicloud/log", () => {
  it.scopedLive("signs with the bridge of the V1 clients, and with the next session after a rotation", () =>
    Effect.gen(function*() {
      const sessions = [numbered(1), numbered(2)]
      const provider = yield* cached(() => sessions.shift() ?? pair)
      const service = yield* sls.serve({ "STS.1": "s3cr3t-1", "STS.2": "s3cr3t-2", LTAI5tPair: "s3cr3t-pair" })
      const credentialsProvider = yield* PopCoreCredentials.make(provider)
      const client = new Log({ endpoint: service.url, credentialsProvider })
      for (let round = 0; round < 3; round++) {
        assert.deepStrictEqual((yield* Effect.promise(() => client.listLogStore(""))).logstores, ["app"])
        yield* Effect.flatMap(provider.get, provider.invalidate)
      }
      assert.deepStrictEqual(service.received, [
        { accessKeyId: "STS.1", token: "s3cr3t-token-1", isSigned: true },
        { accessKeyId: "STS.2", token: "s3cr3t-token-2", isSigned: true },
        { accessKeyId: "LTAI5tPair", token: undefined, isSigned: true }
      ])
    }))
})

describe("the preview of ali-oss 7", () => {
  scenario(
    "reads the session before each request, with getCredentials as its refreshCredentials",
    role,
    (world) =>
      Effect.gen(function*() {
        const { getCredentials } = yield* OssCredentials.make(world.provider)
        const client = new Oss7({
          ...yield* Effect.promise(getCredentials),
          refreshCredentials: getCredentials,
          refreshCredentialsInterval: 0,
          endpoint: `http://oss-${world.region}.aliyuncs.com`,
          region: `oss-${world.region}`,
          secure: false
        })
        for (let round = 0; round < 2; round++) {
          // The cloud verifies the signature, and has no information about buckets.
          const error = yield* rejectionOf(client.getBucketInfo({ bucket: "reports" }))
          assert.propertyVal(error, "code", "NoSuchKey")
          yield* Effect.flatMap(world.provider.get, world.provider.invalidate)
        }
        assert.deepStrictEqual(
          (yield* world.calls).map(({ accessKeyId, status }) => [status, accessKeyId]),
          [[404, "STS.Fake0001"], [404, "STS.Fake0002"]]
        )
      })
  )
})

describe("getCredentials", () => {
  it.scoped("has the keys of one session and its end, as a credentialsProvider of OSS clients", () =>
    Effect.gen(function*() {
      const expiration = DateTime.unsafeMake("2026-01-02T03:04:05Z")
      const { getCredentials } = yield* OssCredentials.make(yield* cached(() => numbered(1, expiration)))
      assert.deepStrictEqual(yield* Effect.promise(getCredentials), {
        accessKeyId: "STS.1",
        accessKeySecret: "s3cr3t-1",
        securityToken: "s3cr3t-token-1",
        expiration: new Date("2026-01-02T03:04:05Z")
      })
    }))

  it.scoped("of a pair has no token and no end", () =>
    Effect.gen(function*() {
      const { getCredentials } = yield* OssCredentials.make(yield* cached(() => pair))
      assert.deepStrictEqual(yield* Effect.promise(getCredentials), {
        accessKeyId: "LTAI5tPair",
        accessKeySecret: "s3cr3t-pair"
      })
    }))
})
