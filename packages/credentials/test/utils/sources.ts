import { Effect } from "effect"
import { absent, failure, sessionUntil } from "../../../../test/kit/upstream.ts"
import type { Credentials } from "../../src/Credentials.ts"
import type { CredentialsError } from "../../src/CredentialsError.ts"
import * as Source from "../../src/Source.ts"

/** A source that counts how often it is asked, and answers what `answer` says at the moment. */
export interface Scripted extends Source.Source {
  calls: number
  answer: Effect.Effect<Credentials, CredentialsError>
}

const hour = 3_600_000

const scripted = (name: string, answer: (self: Scripted) => Scripted["answer"]): Scripted => {
  const self: Scripted = {
    ...Source.fromEffect(
      name,
      Effect.suspend(() => {
        self.calls += 1
        return self.answer
      })
    ),
    calls: 0,
    answer: Effect.suspend(() => answer(self))
  }
  return self
}

/** Answers sessions of an hour, named `A-1`, `A-2` and so on for a source `A`. */
export const working = (name: string): Scripted =>
  scripted(
    name,
    (self) =>
      Effect.map(Effect.clock, (clock) => sessionUntil(`${name}-${self.calls}`, clock.unsafeCurrentTimeMillis() + hour))
  )

export const missing = (name: string): Scripted => scripted(name, () => absent(name))

export const broken = (name: string): Scripted => scripted(name, () => brokenError(name))

export const brokenError = (name: string) => failure({ source: name, reason: "Denied", detail: `${name} was denied` })
