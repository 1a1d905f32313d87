import { assert } from "@effect/vitest"
import { Array as Arr, Cause, Effect, Exit, Logger, Option } from "effect"
import { renderings } from "../../kit/leaks.ts"

/** What the secrets look like that tests make up, and those of the fake cloud. */
const secret = /s3cr3t|fake-(?:secret|token|oauth)/i

/** No rendering of the value shows a secret. */
const assertNoSecret = (value: unknown): void => {
  for (const text of renderings(value)) {
    const at = text.search(secret)
    assert.isBelow(at, 0, `a secret shows: ${text.slice(Math.max(0, at - 80), at + 40)}`)
  }
}

/** The error that an effect fails with, in which no secret may show. */
export const failureOf = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<E, never, R> =>
  Effect.flatMap(Effect.exit(self), (exit) => {
    assertNoSecret(exit)
    return Exit.isSuccess(exit)
      ? Effect.dieMessage("it must fail")
      : Effect.zipRight(
        Effect.sync(() => assertNoSecret(exit.cause)),
        Option.match(Cause.failureOption(exit.cause), {
          onNone: () => Effect.dieMessage(Cause.pretty(exit.cause)),
          onSome: (error) => Effect.as(Effect.sync(() => assertNoSecret(error)), error)
        })
      )
  })

/** What was logged, one line each. */
export interface Logged {
  readonly lines: ReadonlyArray<string>
  readonly logger: Logger.Logger<unknown, void>
}

export const makeLogged = (): Logged => {
  const lines: Array<string> = []
  return {
    lines,
    logger: Logger.make((options) => {
      const line = `${options.logLevel.label} ${Arr.ensure(options.message).join(" ")} ${
        JSON.stringify(Object.fromEntries(options.annotations))
      }`
      assertNoSecret(line)
      assertNoSecret(options.cause)
      lines.push(line)
    })
  }
}
