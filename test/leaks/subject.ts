import { Cause, Effect, Exit } from "effect"
import type { Scope } from "effect"
import type { Secret } from "./generator.ts"

/** A value of the library, as its users hold it, that was made with or in the presence of a secret. */
export interface Subject {
  readonly name: string
  readonly value: unknown
  /** The renderings that are meant to show the secret, such as copies of what a client reads its keys from. */
  readonly deliberate?: ReadonlyArray<string> | undefined
}

/** Subjects of one kind. */
export interface Group {
  readonly name: string
  /** At least so many cases, renderings of a subject with a secret in it, must come of a run. */
  readonly least: number
  readonly subjects: (secret: Secret) => Effect.Effect<ReadonlyArray<Subject>, unknown, Scope.Scope>
}

/** The errors, the cause and the exit of an effect that must fail. */
export const failing = <A, E>(
  name: string,
  self: Effect.Effect<A, E>
): Effect.Effect<ReadonlyArray<Subject>> =>
  Effect.flatMap(Effect.exit(self), (exit) =>
    Exit.isFailure(exit)
      ? Effect.succeed([
        { name: `${name}: cause`, value: exit.cause },
        ...Array.from(Cause.failures(exit.cause), (value) => ({ name: `${name}: error`, value })),
        ...Array.from(Cause.defects(exit.cause), (value) => ({ name: `${name}: defect`, value }))
      ])
      : Effect.dieMessage(`${name} must fail`))

/** What an effect succeeds with, and its exit. */
export const succeeding = <A, E>(
  name: string,
  self: Effect.Effect<A, E>
): Effect.Effect<ReadonlyArray<Subject>> =>
  Effect.flatMap(Effect.exit(self), (exit) =>
    Exit.isSuccess(exit)
      ? Effect.succeed([{ name, value: exit.value }, { name: `${name}: exit`, value: exit }])
      : Effect.dieMessage(`${name} must not fail: ${Cause.pretty(exit.cause)}`))

/** What an effect fails or succeeds with. */
export const either = <A, E>(name: string, self: Effect.Effect<A, E>): Effect.Effect<ReadonlyArray<Subject>> =>
  Effect.flatMap(Effect.exit(self), (exit) => Exit.isSuccess(exit) ? succeeding(name, exit) : failing(name, exit))

/** What a synchronous function throws. */
export const throwing = (name: string, run: () => unknown): Effect.Effect<ReadonlyArray<Subject>> =>
  failing(name, Effect.sync(run))

export const all = (
  subjects: ReadonlyArray<Effect.Effect<ReadonlyArray<Subject>>>
): Effect.Effect<ReadonlyArray<Subject>> => Effect.map(Effect.all(subjects), (found) => found.flat())
