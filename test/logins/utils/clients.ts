import type { FakeAlicloud, JournalEntry, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as Fake from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { afterAll, assert, it } from "@effect/vitest"
import { Clock, Context, Effect, Layer, ManagedRuntime } from "effect"
import type { Scope } from "effect"
import * as Fs from "node:fs"
import { dirname, join } from "node:path"
import { bundleFile } from "../../kit/bundles.ts"
import { makeFolder, start } from "../../kit/children.ts"
import { rpc } from "../../kit/sign.ts"

export type Side = "official" | "ours"

export const sides: ReadonlyArray<Side> = ["official", "ours"]

/** What a client is told. */
export interface Command {
  readonly side: Side
  /** Which client of that side; it is made when it is first named. */
  readonly client: string
  /** The configuration to make it with, none for the default chain. */
  readonly config?: Readonly<Record<string, unknown>> | undefined
  readonly env: Readonly<Record<string, string>>
  readonly times: number
  readonly atOnce: boolean
}

/** Credentials as both clients hand them out. */
export interface Resolved {
  readonly type: string
  readonly providerName: string
  readonly accessKeyId?: string | undefined
  readonly accessKeySecret?: string | undefined
  readonly securityToken?: string | undefined
}

export type Result = Resolved | { readonly error: string }

export interface Reply {
  readonly results: ReadonlyArray<Result>
  /** Every host and port to which a connection was opened. */
  readonly hosts: ReadonlyArray<string>
}

/**
 * What a client is asked to do, where `{home}` is the home directory and `{cloud}` the address of the fake cloud: one read of the default chain in an empty home directory, unless it says otherwise.
 */
export interface Question {
  /** A client to go on with, or a new one. */
  readonly client?: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
  readonly home?: string
  readonly times?: number
  readonly atOnce?: boolean
}

export interface Answer extends Reply {
  readonly requests: ReadonlyArray<JournalEntry>
}

/** The official client and ours in one process whose network is a fake cloud. */
export class Clients extends Context.Tag("test/logins/Clients")<Clients, {
  readonly cloud: Context.Tag.Service<FakeAlicloud>
  /** Asks one client. One question at a time: its environment is the process's, and requests are counted. */
  readonly ask: (side: Side, question: Question) => Effect.Effect<Answer>
  /** A home directory with files in it. */
  readonly home: (files: Readonly<Record<string, string>>) => string
  /** Who the fake cloud takes the holder of the credentials for. */
  readonly identity: (result: Result | undefined) => Effect.Effect<string>
}>() {}

const make: Effect.Effect<
  Context.Tag.Service<Clients>,
  never,
  FakeAlicloud | FakeAlicloudServer.FakeAlicloudServer | Scope.Scope
> = Effect.gen(function*() {
  const cloud = yield* Fake.FakeAlicloud
  const server = yield* FakeAlicloudServer.FakeAlicloudServer
  const homes = yield* makeFolder("homes-")
  const script = yield* bundleFile(new URL("../fixtures/clients.ts", import.meta.url))
  const child = yield* start([script], { PATH: process.env["PATH"], ...server.nodeEnvironment })
  let clients = 0
  let made = 0

  const home = (files: Readonly<Record<string, string>>): string => {
    const folder = join(homes, `${++made}`)
    Fs.mkdirSync(folder)
    for (const [name, text] of Object.entries(files)) {
      Fs.mkdirSync(dirname(join(folder, name)), { recursive: true })
      Fs.writeFileSync(join(folder, name), text.replaceAll("{home}", folder))
    }
    return folder
  }

  return {
    cloud,
    home,
    ask: (side, question) =>
      Effect.gen(function*() {
        const before = (yield* cloud.journal).length
        const folder = question.home ?? home({})
        const command: Command = {
          side,
          client: question.client ?? `${++clients}`,
          config: question.config,
          env: { HOME: folder, ...question.env },
          times: question.times ?? 1,
          atOnce: question.atOnce ?? false
        }
        yield* child.say(JSON.stringify(command).replaceAll("{home}", folder).replaceAll("{cloud}", server.httpUrl))
        const reply = JSON.parse(yield* child.next) as Reply
        return { ...reply, requests: (yield* cloud.journal).slice(before) }
      }),
    identity: (result) =>
      Effect.gen(function*() {
        if (result === undefined || "error" in result) return assert.fail(result?.error ?? "there is no result")
        const { accessKeyId = "", accessKeySecret = "", securityToken } = result
        const key = { accessKeyId, accessKeySecret, securityToken }
        const request = rpc(key, { action: "GetCallerIdentity", at: yield* Clock.currentTimeMillis })
        const outcome = yield* cloud.handle(request)
        const document = outcome._tag === "Reply" ? JSON.parse(outcome.body) as Record<string, string> : {}
        return document["Arn"] ?? document["Code"] ?? assert.fail("there is no answer")
      })
  }
})

const layer = (world: WorldInput): Layer.Layer<Clients> =>
  Layer.orDie(Layer.provide(Layer.scoped(Clients, make), FakeAlicloudServer.layer(world)))

/**
 * Tests that share one pair of clients. (`layer` of `@effect/vitest` changes the `it` of all files that a worker runs.)
 */
export const withClients = (
  world: WorldInput,
  define: (test: (title: string, self: () => Effect.Effect<void, unknown, Clients>) => void) => void
): void => {
  const runtime = ManagedRuntime.make(layer(world))
  afterAll(() => runtime.dispose())
  define((title, self) => it.live(title, () => Effect.provide(self(), runtime), 60_000))
}
