import { NodeHttp } from "@effect-alicloud/node"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import type { HttpClient } from "@effect/platform"
import type { Scope } from "effect"
import { Context, Effect, Layer } from "effect"
import { randomBytes } from "node:crypto"
import { reroute } from "../../../packages/testing/src/internal/reroute.js"

/** By region: the port of the fake cloud that its services are on. */
const ports = new Map<string, number>()

const region = /[.-](test[0-9a-f]+)\.aliyuncs\.com$/

reroute((target) => {
  const port = ports.get(region.exec(target.host ?? "")?.[1] ?? "")
  return port === undefined ? target : { ...target, host: "127.0.0.1", port }
})

/** A fake cloud behind sockets, and a region of its own through which the official clients of this process reach it. */
export interface Cloud {
  readonly cloud: Context.Tag.Service<FakeAlicloud.FakeAlicloud>
  readonly httpUrl: string
  readonly region: string
  /** Reaches the cloud for our own sources. */
  readonly client: Layer.Layer<HttpClient.HttpClient>
  /** What the official clients sent, in order. */
  readonly calls: Effect.Effect<ReadonlyArray<FakeAlicloud.JournalEntry>>
}

export const makeCloud = (
  world: FakeAlicloud.WorldInput
): Effect.Effect<Cloud, FakeAlicloud.InvalidWorld | FakeAlicloudServer.ServeFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Layer.build(FakeAlicloudServer.layer(world))
    const server = Context.get(context, FakeAlicloudServer.FakeAlicloudServer)
    const cloud = Context.get(context, FakeAlicloud.FakeAlicloud)
    const region = `test${randomBytes(6).toString("hex")}`
    yield* Effect.acquireRelease(
      Effect.sync(() => ports.set(region, server.httpPort)),
      () => Effect.sync(() => ports.delete(region))
    )
    return {
      cloud,
      httpUrl: server.httpUrl,
      region,
      client: Layer.provide(server.clientLayer, NodeHttp.layer),
      calls: Effect.map(
        cloud.journal,
        (entries) => entries.filter(({ endpoint }) => endpoint === "ecs" || endpoint === "oss")
      )
    }
  })
