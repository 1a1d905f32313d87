import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as windows from "../../../src/internal/session/windows.ts"
import * as RefreshPolicy from "../../../src/RefreshPolicy.ts"

const second = 1000
const minute = 60 * second
const hour = 60 * minute

const received = (lifetime: number, options: Partial<Parameters<typeof windows.times>[1]> = {}) => ({
  now: 0,
  expiration: lifetime,
  undated: "expire" as const,
  random: 0,
  again: false,
  ...options
})

const policies = fc.record({
  earlyWindow: fc.option(fc.integer({ min: 0, max: 2 * hour }), { nil: undefined }),
  mandatoryWindow: fc.option(fc.integer({ min: 0, max: hour }), { nil: undefined }),
  jitter: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined })
})

const random = fc.double({ min: 0, max: 1, noNaN: true })
const now = fc.integer({ min: 0, max: 2_000_000_000_000 })
const lifetimes = fc.oneof(fc.integer({ min: 2, max: 5 * second }), fc.integer({ min: 2, max: 40 * 24 * hour }))

describe("windows", () => {
  it.each([
    { life: "3 s", lifetime: 3 * second, early: second, mandatory: 300 },
    { life: "10 s", lifetime: 10 * second, early: 10 * second / 3, mandatory: second },
    { life: "1 min", lifetime: minute, early: 20 * second, mandatory: 6 * second },
    { life: "10 min", lifetime: 10 * minute, early: 200 * second, mandatory: minute },
    { life: "15 min", lifetime: 15 * minute, early: 5 * minute, mandatory: minute },
    { life: "20 min", lifetime: 20 * minute, early: 5 * minute, mandatory: minute },
    { life: "20 min and 1 s", lifetime: 20 * minute + second, early: 15 * minute, mandatory: minute },
    { life: "1 h", lifetime: hour, early: 15 * minute, mandatory: minute },
    { life: "90 min less 1 s", lifetime: 90 * minute - second, early: 15 * minute, mandatory: minute },
    { life: "90 min", lifetime: 90 * minute, early: hour, mandatory: minute },
    { life: "12 h", lifetime: 12 * hour, early: hour, mandatory: minute }
  ])("a session of $life has an early window of $early ms and a mandatory one of $mandatory ms", (row) => {
    assert.approximately(windows.earlyWindow(RefreshPolicy.defaultPolicy, row.lifetime), row.early, 0.001)
    assert.strictEqual(windows.mandatoryWindow(RefreshPolicy.defaultPolicy, row.lifetime), row.mandatory)
  })

  it.each([
    { life: "1 h", lifetime: hour, early: 10 * minute },
    { life: "15 min", lifetime: 15 * minute, early: 5 * minute },
    { life: "1 min", lifetime: minute, early: 20 * second }
  ])("a configured early window of 10 min is at most a third of $life", ({ early, lifetime }) => {
    assert.strictEqual(windows.earlyWindow(RefreshPolicy.make({ earlyWindow: "10 minutes" }), lifetime), early)
  })

  it.each([
    { random: 0, earlyAt: 45 * minute },
    { random: 0.5, earlyAt: 43.5 * minute },
    { random: 1, earlyAt: 42 * minute }
  ])("jitter of $random starts the early window of an hour's session at $earlyAt ms", ({ earlyAt, random }) => {
    assert.deepStrictEqual(windows.times(RefreshPolicy.defaultPolicy, received(hour, { random })), {
      earlyAt,
      mandatoryAt: 59 * minute,
      expiresAt: hour
    })
  })

  it("an early window shorter than the mandatory one does not shorten the latter", () => {
    const policy = RefreshPolicy.make({ earlyWindow: "10 seconds" })
    assert.deepStrictEqual(windows.times(policy, received(hour)), {
      earlyAt: 59 * minute,
      mandatoryAt: 59 * minute,
      expiresAt: hour
    })
  })

  it("readers can be made to wait as soon as the session is refreshed", () => {
    const policy = RefreshPolicy.make({ readersWait: "early" })
    const first = windows.times(policy, received(hour))
    assert.deepStrictEqual([first.earlyAt, first.mandatoryAt], [45 * minute, 45 * minute])
    const again = windows.times(policy, received(10 * second, { again: true, now: 9 * second }))
    assert.deepStrictEqual([again.earlyAt, again.mandatoryAt], [10 * second, 10 * second])
  })

  it("the same session again is left alone for a second, but never used past its end", () => {
    const again = (left: number) => windows.times(RefreshPolicy.defaultPolicy, received(left, { again: true }))
    assert.strictEqual(again(hour).earlyAt, 45 * minute)
    assert.strictEqual(again(1200).earlyAt, 1000)
    assert.strictEqual(again(400).earlyAt, 400)
  })

  it("what has ended already is not given a new life", () => {
    const times = windows.times(RefreshPolicy.defaultPolicy, received(-minute))
    assert.strictEqual(times.expiresAt, -minute)
  })

  it.prop(
    "all moments are whole milliseconds in the order early, mandatory, expired, none in the first tenth",
    [policies, now, lifetimes, random],
    ([options, now, lifetime, random]) => {
      const { earlyAt, expiresAt, mandatoryAt } = windows.times(RefreshPolicy.make(options), {
        now,
        expiration: now + lifetime,
        undated: "expire",
        random,
        again: false
      })
      assert.deepStrictEqual([earlyAt, mandatoryAt, expiresAt].map(Math.round), [earlyAt, mandatoryAt, expiresAt])
      assert.isAbove(earlyAt, now)
      assert.isAtLeast(earlyAt - now + 1, lifetime / 10)
      assert.isAtMost(earlyAt, mandatoryAt)
      assert.isAtMost(mandatoryAt, expiresAt)
      assert.strictEqual(expiresAt, now + lifetime)
    },
    { fastCheck: { numRuns: 1000 } }
  )

  it.prop(
    "the same session again is refreshed a second later at the soonest, or when it ends",
    [policies, now, lifetimes, random],
    ([options, now, lifetime, random]) => {
      const { earlyAt, expiresAt } = windows.times(RefreshPolicy.make(options), {
        now,
        expiration: now + lifetime,
        undated: "expire",
        random,
        again: true
      })
      assert.strictEqual(Math.round(earlyAt), earlyAt)
      assert.isAtLeast(earlyAt, Math.min(now + 1000, expiresAt))
      assert.isAtMost(earlyAt, expiresAt)
    },
    { fastCheck: { numRuns: 1000 } }
  )
})

describe("credentials without an expiration", () => {
  const at = (undated: RefreshPolicy.Undated, policy: RefreshPolicy.Options = {}) =>
    windows.times(RefreshPolicy.make(policy), { ...received(0, { undated }), expiration: undefined })

  it("keep: are never asked for again", () => {
    assert.deepStrictEqual(at("keep"), { earlyAt: Infinity, mandatoryAt: Infinity, expiresAt: Infinity })
  })

  it("recheck: are looked up by the first read after a minute, but never expire", () => {
    assert.deepStrictEqual(at("recheck"), { earlyAt: minute, mandatoryAt: minute, expiresAt: Infinity })
  })

  it("reread: are looked up again after 15 minutes, but never expire", () => {
    assert.deepStrictEqual(at("reread"), { earlyAt: 15 * minute, mandatoryAt: Infinity, expiresAt: Infinity })
  })

  it("expire: are a session of 15 minutes", () => {
    assert.deepStrictEqual(at("expire"), { earlyAt: 10 * minute, mandatoryAt: 14 * minute, expiresAt: 15 * minute })
  })

  it("the 15 minutes can be changed", () => {
    assert.strictEqual(at("reread", { undatedLifetime: "1 hour" }).earlyAt, hour)
    assert.strictEqual(at("expire", { undatedLifetime: "1 hour" }).expiresAt, hour)
  })

  it("one with an expiration ends then, whatever is to be done without", () => {
    for (const undated of ["keep", "recheck", "reread", "expire"] as const) {
      assert.strictEqual(windows.times(RefreshPolicy.defaultPolicy, received(hour, { undated })).expiresAt, hour)
    }
  })
})

describe("hold-off ladder", () => {
  const ladder = (hadValue: boolean, random: number) =>
    Array.from(
      { length: 16 },
      (_, i) => windows.holdOff(RefreshPolicy.defaultPolicy, { failures: i + 1, hadValue, random })
    )

  it("there is none after the first failure, then it doubles from 100 ms to 5 s as long as there was no value", () => {
    assert.deepStrictEqual(ladder(false, 1), [0, 100, 200, 400, 800, 1600, 3200].concat(Array<number>(9).fill(5000)))
  })

  it("once there was a value it doubles up to 4 minutes", () => {
    assert.deepStrictEqual(
      ladder(true, 1),
      [0, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 102_400, 204_800].concat(
        Array<number>(3).fill(240_000)
      )
    )
  })

  it("the smallest random number halves it", () => {
    assert.deepStrictEqual(ladder(true, 0), ladder(true, 1).map((pause) => pause / 2))
  })

  it.prop(
    "is whole milliseconds, between half of and the whole step, never above the cap",
    [fc.integer({ min: 0, max: 100_000 }), fc.boolean(), random],
    ([failures, hadValue, random]) => {
      const pause = windows.holdOff(RefreshPolicy.defaultPolicy, { failures, hadValue, random })
      const whole = failures <= 1 ? 0 : Math.min(hadValue ? 240_000 : 5000, 100 * 2 ** (failures - 2))
      assert.strictEqual(Math.round(pause), pause)
      assert.isAtLeast(pause, whole / 2)
      assert.isAtMost(pause, whole)
    },
    { fastCheck: { numRuns: 1000 } }
  )
})
