import { assert, describe, it } from "@effect/vitest"
import { Option, Redacted } from "effect"
import { make } from "../src/internal/seal.ts"

const old = Redacted.make("s3cr3t-of-16-bytes")
const renewed = Redacted.make("another-s3cr3t-of-16-bytes")

const { open, seal } = make([old])

describe("a sealed value", () => {
  it("is opened under its key, and does not show its text", () => {
    const sealed = seal("key", "the session")
    assert.deepStrictEqual(open("key", sealed), Option.some("the session"))
    assert.notInclude(sealed.toString("latin1"), "session")
  })

  it("is another one each time", () => {
    assert.notDeepEqual(seal("key", "the session"), seal("key", "the session"))
  })

  it("cannot be opened under another key, or with another secret", () => {
    const sealed = seal("key", "the session")
    assert.deepStrictEqual(open("other", sealed), Option.none())
    assert.deepStrictEqual(make([renewed]).open("key", sealed), Option.none())
  })

  it("is opened with any of several secrets and sealed with the first", () => {
    const both = make([renewed, old])
    assert.deepStrictEqual(both.open("key", seal("key", "the session")), Option.some("the session"))
    assert.deepStrictEqual(make([renewed]).open("key", both.seal("key", "the session")), Option.some("the session"))
    assert.deepStrictEqual(open("key", both.seal("key", "the session")), Option.none())
  })

  it("has the same secret with and without white space around it", () => {
    const trimmed = make([Redacted.make(`${Redacted.value(old)}\n`)])
    assert.deepStrictEqual(trimmed.open("key", seal("key", "the session")), Option.some("the session"))
  })

  it("is refused when a byte of it is changed, added or missing", () => {
    const sealed = seal("key", "the session")
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed)
      changed[at]! ^= 1
      assert.deepStrictEqual(open("key", changed), Option.none())
      assert.deepStrictEqual(open("key", sealed.subarray(0, at)), Option.none())
    }
    assert.deepStrictEqual(open("key", Buffer.concat([sealed, Buffer.of(0)])), Option.none())
  })
})
