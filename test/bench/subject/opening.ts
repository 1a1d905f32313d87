import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as Source from "@effect-alicloud/credentials/Source"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { roleArn, world } from "./world.ts"

/** A caller without end: every session that is opened stays busy with its first lookup. */
const pending = CredentialsProvider.layer(Source.fromEffect("Pending", Effect.async<never>(() => undefined)))

/** Opens so many roles at once through one `RamRoleArns` that has room for fewer: the nanoseconds for each. */
export const opening = (params: { readonly roles: number; readonly capacity: number }): Promise<number> =>
  Effect.gen(function*() {
    const many = yield* RamRoleArn.RamRoleArns
    const arns = Array.from({ length: params.roles }, (_, index) => roleArn(`role-${index}`))
    const began = process.hrtime.bigint()
    const readers = yield* Effect.forEach(arns, (arn) => Effect.fork(many.provider({ roleArn: arn }).get))
    yield* Effect.yieldNow()
    const nanos = Number(process.hrtime.bigint() - began)
    yield* Fiber.interruptAll(readers)
    return nanos / params.roles
  }).pipe(
    Effect.provide(
      RamRoleArn.layerMany({ capacity: params.capacity }).pipe(
        Layer.provide(pending),
        Layer.provide(FakeAlicloud.layerClient),
        Layer.provide(FakeAlicloud.layer(world))
      )
    ),
    Effect.runPromise
  )
