/**
 * The cheap read of a session: an effect whose answer is mostly there at once. `SessionCache` and `RamRoleArns` hand it
 * out.
 */
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Utils from "effect/Utils"

/** A fiber lets others run after as many operations, which such reads are not counted as. */
const manyReads = 2048

/**
 * A read that mostly has its answer at once. A generator takes an `Exit` as it is, while any other effect takes turns of
 * the fiber's run loop that cost more than the read does.
 */
class Reading<A, E> extends Effectable.Class<A, E> {
  private readonly read: () => Effect.Effect<A, E>
  private count = 0

  constructor(read: () => Effect.Effect<A, E>) {
    super()
    this.read = read
  }

  commit(): Effect.Effect<A, E> {
    return this.read()
  }

  override [Symbol.iterator](): Effect.EffectGenerator<Effect.Effect<A, E>> {
    this.count = (this.count + 1) % manyReads
    return new Utils.SingleShotGen(
      new Utils.YieldWrap(this.count === 0 ? Effect.zipRight(Effect.yieldNow(), this) : this.read())
    )
  }
}

/** An effect that calls `read` each time it is run. */
export const make = <A, E>(read: () => Effect.Effect<A, E>): Effect.Effect<A, E> => new Reading(read)
