/**
 * Sources that read their configuration at each resolution. For profiles, `fromEnv` of the chain's definitions, and the
 * command line tool, which loads a source when it is tried.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CredentialsError } from "../CredentialsError.ts"
import * as sessionName from "../internal/environment/sessionName.ts"
import type { Undated } from "../RefreshPolicy.ts"
import { SessionStore } from "../SessionStore.ts"
import { fromEffect, type Source } from "../Source.ts"
import { Sharing } from "./Sharing.ts"

/**
 * A source that is chosen anew at each resolution, so that it sees the environment and the files of that moment; but
 * always the environment, the services and the default session name that were current when it was deferred.
 *
 * @since 0.1.0
 * @category unstable
 */
export const deferred = <R>(
  name: string,
  choose: Effect.Effect<Source, CredentialsError, R>,
  options?: { readonly undated?: Undated | undefined }
): Effect.Effect<Source, never, R> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<R>()
    const provider = yield* Effect.configProviderWith(Effect.succeed)
    const defaultName = yield* sessionName.make
    const chosen = <A>(
      use: (source: Source) => Effect.Effect<A, CredentialsError>
    ): Effect.Effect<A, CredentialsError> =>
      Effect.flatMap(choose, use).pipe(
        Effect.provideService(sessionName.DefaultSessionName, Effect.succeed(defaultName)),
        Effect.withConfigProvider(provider),
        Effect.provide(context)
      )
    const source = fromEffect(name, chosen((source) => source.get), options)
    return Option.isNone(yield* Effect.serviceOption(SessionStore)) ? source : {
      ...source,
      [Sharing]: {
        identity: chosen((source) => source[Sharing]?.identity ?? Effect.succeed(undefined)),
        invalidate: (rejected) =>
          Effect.ignore(chosen((source) => source[Sharing]?.invalidate(rejected) ?? Effect.void))
      }
    }
  })
