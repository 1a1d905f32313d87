import type { FakeAlicloud, InvalidWorld } from "@effect-alicloud/testing/FakeAlicloud"
import * as Fake from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import type { Scope } from "effect"
import { Context, Effect, Layer } from "effect"
import { bundleFile } from "../kit/bundles.ts"
import { makeFolder, start } from "../kit/children.ts"
import type { Answers, Task } from "./subject/main.ts"
import { world } from "./subject/world.ts"

/** A process in which both clients do what they are asked to, one task after the other. */
export interface Subject {
  readonly ask: <A extends Task>(task: A, params: Answers[A]["params"]) => Effect.Effect<Answers[A]["answer"]>
}

export interface SubjectOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly flags?: ReadonlyArray<string>
}

/** Where things are measured: a cloud in this process, behind sockets, and the processes whose cloud it is. */
export class Lab extends Context.Tag("test/bench/Lab")<Lab, {
  readonly cloud: Context.Tag.Service<FakeAlicloud>
  readonly subject: (options?: SubjectOptions) => Effect.Effect<Subject, never, Scope.Scope>
  /** An empty home directory. */
  readonly home: string
  /** The environment of a program of Node.js whose cloud it is. */
  readonly env: NodeJS.ProcessEnv
}>() {}

const make = Effect.gen(function*() {
  const cloud = yield* Fake.FakeAlicloud
  const server = yield* FakeAlicloudServer.FakeAlicloudServer
  const home = yield* makeFolder("bench-home-")
  const script = yield* bundleFile(new URL("subject/main.ts", import.meta.url))
  const env = { PATH: process.env["PATH"], HOME: home, ...server.nodeEnvironment }
  return Lab.of({
    cloud,
    home,
    env,
    subject: ({ env: more, flags = [] } = {}) =>
      Effect.map(
        start([...flags, script], { ...env, ...more }),
        (child): Subject => ({
          ask: (task, params) =>
            Effect.gen(function*() {
              yield* child.say(JSON.stringify({ task, params }))
              const reply = JSON.parse(yield* child.next) as { readonly answer?: never; readonly error?: string }
              return reply.error === undefined ? reply.answer as never : yield* Effect.dieMessage(reply.error)
            })
        })
      )
  })
})

export const layer: Layer.Layer<Lab, InvalidWorld | FakeAlicloudServer.ServeFailed> = Layer.provide(
  Layer.scoped(Lab, make),
  FakeAlicloudServer.layer(world)
)
