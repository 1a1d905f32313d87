import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Metric, Option } from "effect"
import { keys, makeMany, second } from "./utils/many.ts"

// Alone in its file, because all sessions of a process share a gauge.
describe("many sessions that are due at the same moment", () => {
  it.live("how many of them wait for the limit is a gauge, which falls to nothing", () =>
    Effect.gen(function*() {
      const backlog = Effect.map(
        Metric.snapshot,
        Arr.findFirst(({ metricKey }) => metricKey.name === "alicloud_credentials_refresh_backlog")
      ).pipe(Effect.map(Option.map(({ metricState }) => (metricState as { readonly value?: number }).value)))
      const many = yield* makeMany({ refreshesPerSecond: 10 })
      yield* many.open(keys(50))
      yield* many.clock.advance(2701 * second)
      assert.deepStrictEqual(Option.getOrUndefined(yield* backlog), 50 - many.starts.length)
      assert.isAtLeast(50 - many.starts.length, 30)
      yield* many.clock.advance(10 * second)
      assert.strictEqual(Option.getOrUndefined(yield* backlog), 0)
    }).pipe(Effect.scoped))
})
