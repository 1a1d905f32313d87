/**
 * The readers that wait for one lookup of a session. A hundred thousand of them may give up together: joining and leaving
 * cost the same however many wait. `Fiber.await` and `Deferred.await` search a list for each that leaves.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

export class Waiters<A, E> {
  private readonly resumes = new Set<(exit: Effect.Effect<Exit.Exit<A, E>>) => void>()
  private exit: Exit.Exit<Exit.Exit<A, E>> | undefined = undefined

  /** Waits for the end of the lookup. */
  readonly wait: Effect.Effect<Exit.Exit<A, E>> = Effect.async((resume) => {
    if (this.exit !== undefined) {
      return resume(this.exit)
    }
    this.resumes.add(resume)
    return Effect.sync(() => {
      this.resumes.delete(resume)
    })
  })

  end(exit: Exit.Exit<A, E>): void {
    this.exit = Exit.succeed(exit)
    for (const resume of this.resumes) {
      resume(this.exit)
    }
  }
}
