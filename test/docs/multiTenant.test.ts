import { AccessKey, RamRoleArn } from "@effect-alicloud/credentials"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Redacted, TestClock } from "effect"
import * as Fs from "node:fs"
import { driveWithin } from "../kit/drive.ts"
import { rowsIn } from "./utils/markdown.ts"

const text = (path: string): string => Fs.readFileSync(new URL(path, import.meta.url), "utf8")

const page = text("../../docs/multi-tenant.md")

const { rows } = JSON.parse(text("../bench/results/results.json")) as {
  readonly rows: ReadonlyArray<{ readonly id: string; readonly ours: { readonly median: number } }>
}

const measured = (id: string): number => rows.find((row) => row.id === id)?.ours.median ?? Number.NaN

const roleArn = (tenant: string) => `acs:ram::1234567890123456:role/${tenant}`

const world = (...tenants: ReadonlyArray<string>): FakeAlicloud.WorldInput => ({
  users: [{ name: "service", accessKeyId: "LTAI5tService", accessKeySecret: "s3cr3t" }],
  roles: tenants.map((tenant) => ({ arn: roleArn(tenant), externalId: tenant }))
})

const layer = RamRoleArn.layerMany().pipe(
  Layer.provide(AccessKey.layer({ accessKeyId: "LTAI5tService", accessKeySecret: Redacted.make("s3cr3t") })),
  Layer.provideMerge(FakeAlicloud.layer(world("one", "two")))
)

const drive = driveWithin(500)

/** How a read of a tenant ends. */
const read = (tenant: string) =>
  drive(Effect.exit(Effect.flatMap(
    RamRoleArn.RamRoleArns,
    (roles) => roles.provider({ roleArn: roleArn(tenant), externalId: tenant }).get
  )))

describe("the page about many tenants", () => {
  it("has the figures of the benchmark", () => {
    const rows = rowsIn(page.split("\n"))
    const figure = (start: string) => rows.find(([what = ""]) => what.startsWith(start))?.[1]
    const thousands = (id: string) => (measured(id) / 1000).toFixed(1)
    assert.strictEqual(figure("heap of a session"), `${thousands("heap")} kB`)
    assert.strictEqual(figure("cached read"), `about ${thousands("read-loop")} µs`)
    assert.strictEqual(figure("requests for 1,000"), `${measured("cold-readers")}`)
    assert.strictEqual(figure("requests during an outage"), `${measured("outage-requests")}`)
  })

  it.scoped("says what readers get when a role is deleted and when it comes back, and that others are not concerned", () =>
    Effect.gen(function*() {
      const cloud = yield* FakeAlicloud.FakeAlicloud
      yield* read("two")
      const session = yield* read("one")
      yield* cloud.setWorld(world("two"))
      yield* TestClock.adjust("50 minutes")
      assert.deepStrictEqual(yield* read("one"), session)
      yield* TestClock.adjust("11 minutes")
      const error = yield* Effect.flip(yield* read("one"))
      assert.deepInclude(error, { _tag: "SourceFailed", reason: "Denied", code: "EntityNotExist.Role" })
      assert.isTrue(Exit.isSuccess(yield* read("two")))
      yield* cloud.setWorld(world("one", "two"))
      yield* TestClock.adjust("4 minutes")
      assert.isTrue(Exit.isSuccess(yield* read("one")))
    }).pipe(Effect.provide(layer)))
})
