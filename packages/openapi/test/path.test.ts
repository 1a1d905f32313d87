import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as OpenApi from "../src/OpenApi.ts"

describe("path", () => {
  it("is its text with the values percent-encoded", () => {
    assert.strictEqual(OpenApi.path`/clusters/${"a/b c"}/nodes/${7}`, "/clusters/a%2Fb%20c/nodes/7")
    assert.strictEqual(OpenApi.path`/clusters`, "/clusters")
  })

  it.prop("has one segment for each value, from which the value can be read", {
    values: fc.array(fc.string({ unit: "binary", minLength: 1 }), { minLength: 2, maxLength: 2 })
  }, ({ values }) => {
    const [, first = "", ...others] = OpenApi.path`/${values[0] ?? ""}/${values[1] ?? ""}`.split("/")
    assert.lengthOf(others, 1)
    assert.deepStrictEqual([first, ...others].map(decodeURIComponent), values)
  })
})
