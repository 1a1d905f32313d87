import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Redacted, TestClock } from "effect"
import { othersOf } from "../src/server/hosts.ts"
import type { Refusal } from "../src/server/refusalLog.ts"
import * as refusalLog from "../src/server/refusalLog.ts"

const token = "Sixteen_letters-"

/** Refuses requests, and gives the lines of the log. */
const make = () => {
  const lines: Array<string> = []
  const refuse = refusalLog.make(Redacted.make(token))
  const logger = Logger.make(({ message }) => {
    lines.push(String(message))
  })
  return {
    lines,
    refuse: (url: string, refusal: Partial<Refusal> = {}, host = "localhost") =>
      refuse({
        reason: "some reason",
        client: "::ffff:192.0.2.7",
        request: { method: "GET", url, headers: { host } },
        ...refusal
      })
        .pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
  }
}

describe("the log of refusals", () => {
  it.effect("says what was refused, to whom and why", () =>
    Effect.gen(function*() {
      const { lines, refuse } = make()
      yield* refuse("/latest/meta-data/?x=1")
      yield* refuse("/", { client: undefined, request: undefined })
      assert.deepStrictEqual(lines, [
        "Refused GET /latest/meta-data/?… from 192.0.2.7, Host localhost: some reason",
        "Refused a connection from an unknown address: some reason"
      ])
    }))

  it.effect("shows of a path only known words, and of a Host nothing like the token", () =>
    Effect.gen(function*() {
      const { lines, refuse } = make()
      const near = [
        token,
        token.slice(1),
        `${token}A`,
        token.toLowerCase(),
        token.replace("x", "%78"),
        "Sixteen_letters_"
      ]
      for (const [index, text] of near.entries()) {
        yield* refuse(`/${text}/credentials?token=${text}`, { reason: `${index}` }, `${text}.example`)
        yield* refuse(`http://${text}`, { reason: `other ${index}` })
      }
      assert.lengthOf(lines, 2 * near.length)
      for (const line of lines) {
        assert.notMatch(line, /ixteen|letters|token/i)
      }
      const attack = make()
      yield* attack.refuse(`/${"a/".repeat(5000)}`, {}, `\u001b[2J\n${"x".repeat(5000)}`)
      assert.notInclude(attack.lines[0], "\u001b")
      assert.notInclude(attack.lines[0], "\n")
      assert.isBelow(attack.lines[0]?.length ?? Infinity, 200)
    }))

  it.effect("says each reason once for a client in ten minutes, in 50 lines for all, and that there are more", () =>
    Effect.gen(function*() {
      const { lines, refuse } = make()
      const scan = Effect.forEach(
        Array.from({ length: 1000 }, (_, index) => index),
        (index) => refuse(`/${index}`, { client: `192.0.2.${index % 10}` }),
        { discard: true }
      )
      yield* scan
      assert.lengthOf(lines, 10)
      yield* TestClock.adjust("9 minutes")
      yield* scan
      assert.lengthOf(lines, 10)
      yield* TestClock.adjust("1 minutes")
      yield* scan
      assert.lengthOf(lines, 20)
      yield* Effect.forEach(
        Array.from({ length: 1000 }, (_, index) => index),
        (index) => refuse("/", { client: `2001:db8::${index}` }),
        { discard: true }
      )
      assert.lengthOf(lines, 61)
      assert.strictEqual(lines.at(-1), "More requests are refused; the next is logged after 1970-01-01T00:20:00Z")
    }))
})

describe("the addresses that other machines can use", () => {
  const of = (address: string, internal = false) => ({ address, internal }) as never
  const interfaces = () => ({
    lo: [of("127.0.0.1", true), of("::1", true)],
    eth0: [of("2001:db8::5"), of("192.0.2.5"), of("fe80::1")],
    docker0: [of("172.17.0.1")],
    none: undefined
  })

  it("are those of all interfaces where the server listens on every address", () => {
    assert.deepStrictEqual(othersOf("0.0.0.0", interfaces), ["192.0.2.5", "172.17.0.1"])
    assert.deepStrictEqual(othersOf("::", interfaces), ["192.0.2.5", "172.17.0.1", "2001:db8::5"])
    assert.deepStrictEqual(othersOf("127.0.0.1", interfaces), [])
    assert.deepStrictEqual(othersOf("192.0.2.5", interfaces), [])
  })

  it("are none where the system does not tell its interfaces", () => {
    assert.deepStrictEqual(
      othersOf("0.0.0.0", () => {
        throw new Error("not permitted")
      }),
      []
    )
  })
})
