import { Cause, Effect, Exit, Option } from "effect"
import { renderingsOf } from "./renderings.ts"

/** Part of every secret that a test makes. */
export const marker = "s3cr3t"

/** The marker, and what the secrets and tokens of the fake cloud look like. */
const secret = /s3cr3t|fake-secret|fake-token|fake-imds-token|eyJhbGciOi/i

/** The ways in which an error, a cause or a value usually ends up in a log. */
const usual = ["message", "String", "JSON", "inspect hidden", "inspect uncustomized", "stack", "Cause.pretty"]

export const renderings = (value: unknown): ReadonlyArray<string> => Array.from(renderingsOf(value, usual).values())

/** Fails the test when any rendering of the value shows a secret. */
export const assertNoLeak = (value: unknown): void => {
  for (const text of renderings(value)) {
    const found = secret.exec(text)
    if (found !== null) {
      throw new Error(`a secret shows: ${text.slice(Math.max(0, found.index - 80), found.index + 40)}`)
    }
  }
}

/** The typed error an effect fails with, in which no secret may show. A success or a defect fails the test. */
export const errorOf = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<E, never, R> =>
  Effect.flatMap(Effect.exit(self), (exit) => {
    if (Exit.isSuccess(exit)) {
      return Effect.dieMessage("it succeeded, but it must fail")
    }
    assertNoLeak(exit)
    assertNoLeak(exit.cause)
    return Option.match(Cause.failureOption(exit.cause), {
      onNone: () => Effect.dieMessage(`a defect: ${Cause.pretty(exit.cause)}`),
      onSome: (error) => {
        assertNoLeak(error)
        return Effect.succeed(error)
      }
    })
  })
