import { NodeHttp } from "@effect-alicloud/node"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import type { HttpClient } from "@effect/platform"
import type { Scope } from "effect"
import { Context, Effect, Layer } from "effect"
import { randomBytes } from "node:crypto"
import * as Net from "node:net"

/** By region: the port of the fake cloud that its services are on. */
const ports = new Map<string, number>()

const region = /[.-](test[0-9a-f]+)\.aliyuncs\.com$/

interface Target {
  readonly host?: string | null
}

const rerouted = (target: unknown): unknown => {
  if (typeof target !== "object" || target === null) return target
  const port = ports.get(region.exec((target as Target).host ?? "")?.[1] ?? "")
  return port === undefined ? target : { ...target, host: "127.0.0.1", port }
}

type Connect = (this: Net.Socket, ...args: ReadonlyArray<unknown>) => Net.Socket

const connect = Net.Socket.prototype.connect as Connect

const connectToFake: Connect = function(...args) {
  const [first, ...rest] = args
  // `net.connect` hands on its arguments in an array that it marks.
  const target = Array.isArray(first) ? Object.assign([], first, { 0: rerouted(first[0]) }) : rerouted(first)
  return connect.call(this, target, ...rest)
}

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
    Object.assign(Net.Socket.prototype, { connect: connectToFake })
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
