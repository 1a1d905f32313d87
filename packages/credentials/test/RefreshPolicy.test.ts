import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import * as RefreshPolicy from "../src/RefreshPolicy.ts"

describe("defaults", () => {
  it("are the documented ones", () => {
    assert.deepStrictEqual(RefreshPolicy.make(), RefreshPolicy.defaultPolicy)
    assert.deepStrictEqual(RefreshPolicy.make({}), {
      earlyWindow: undefined,
      jitter: 0.2,
      mandatoryWindow: Duration.minutes(1),
      readersWait: "mandatory",
      undatedLifetime: Duration.minutes(15),
      pastExpiry: "refuse",
      holdOff: Duration.millis(100),
      holdOffCapCold: Duration.seconds(5),
      holdOffCap: Duration.minutes(4)
    })
  })

  it("an option that is undefined is the default, any other is kept", () => {
    assert.deepStrictEqual(
      RefreshPolicy.make({ earlyWindow: undefined, jitter: undefined, holdOffCap: undefined }),
      RefreshPolicy.defaultPolicy
    )
    const policy = RefreshPolicy.make({ earlyWindow: "2 minutes", mandatoryWindow: 5000, pastExpiry: "serve" })
    assert.deepStrictEqual(policy.earlyWindow, Duration.minutes(2))
    assert.deepStrictEqual(policy.mandatoryWindow, Duration.seconds(5))
    assert.strictEqual(policy.pastExpiry, "serve")
  })

  it("jitter is kept between 0 and 1", () => {
    assert.strictEqual(RefreshPolicy.make({ jitter: -1 }).jitter, 0)
    assert.strictEqual(RefreshPolicy.make({ jitter: 7 }).jitter, 1)
  })
})
