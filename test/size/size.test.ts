import { assert, describe, it } from "@effect/vitest"
import { compare, judge, measure, readBudgets, table } from "./sizes.ts"

describe("the size of an application", () => {
  it("is at most 2 % above its budget", async () => {
    const rows = compare(await measure(), readBudgets())
    if (rows.some(({ verdict }) => verdict === "lower")) process.stdout.write(`${table(rows)}\n`)
    assert.isFalse(rows.some(({ verdict }) => verdict === "over"), table(rows))
  }, 60_000)

  it("is over the budget from 2 % on, and far below it from 5 % on", () => {
    assert.deepStrictEqual(
      [1021, 1020, 1000, 950, 949].map((size) => judge(size, 1000)),
      ["over", "within", "within", "within", "lower"]
    )
    assert.strictEqual(judge(1, undefined), "over")
  })
})
