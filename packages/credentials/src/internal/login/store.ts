/**
 * Shared logins: what a login is, where it is kept, and how a session is got from it by one process at a time. The room
 * `internal/login` serves the sources `OAuth` and `CloudSso` and the profiles of these modes.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Credentials from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import type { StsSession } from "../../unstable/SessionDocument.ts"
import { Replaced } from "../session/refreshing.ts"
import * as logInAgain from "./logInAgain.ts"

/** The data of a login between two refreshes, and between processes when it is kept in a file. Times are epoch seconds. */
export interface Login {
  readonly accessToken?: Redacted.Redacted | undefined
  readonly accessTokenExpire?: number | undefined
  readonly refreshToken?: Redacted.Redacted | undefined
  readonly session?: StsSession | undefined
}

/** A login while no other process, and no other part of this one, can change it. */
export interface Held {
  readonly load: Effect.Effect<Login, CredentialsError>
  /** The login, if another tool, which does not know the lock, has changed it since it was last loaded or saved. */
  readonly changed: Effect.Effect<Login | undefined, CredentialsError>
  /** Keeps the given parts. It does not fail: a login that cannot be stored is logged as a warning. */
  readonly save: (changes: Login) => Effect.Effect<void>
  /** Whether a saved login outlives this process. */
  readonly canSave: Effect.Effect<boolean>
}

/** Where a login is kept. */
export interface Store {
  /** What to do when it has ended, as the hint of an error. */
  readonly logInAgain: string
  /** The login as it is now; others may be about to change it. */
  readonly peek: Effect.Effect<Login, CredentialsError>
  readonly exclusively: <A>(
    use: (held: Held) => Effect.Effect<A, CredentialsError>
  ) => Effect.Effect<A, CredentialsError>
}

/** A login that lives in this process only. */
export const inMemory = (mode: "CloudSSO" | "OAuth", initial: Login): Effect.Effect<Store> =>
  Effect.map(
    Effect.all([Ref.make(initial), Effect.makeSemaphore(1)]),
    ([login, semaphore]) => {
      const held: Held = {
        load: login.get,
        changed: Effect.succeed(undefined),
        save: (changes) => Ref.update(login, (current) => ({ ...current, ...changes })),
        canSave: Effect.succeed(true)
      }
      return {
        logInAgain: logInAgain.ofCode(mode),
        peek: login.get,
        exclusively: (use) => semaphore.withPermits(1)(use(held))
      }
    }
  )

/** A stored session with less time left is as good as none. */
const reusableMillis = 15 * 60_000

/** The stored session, if it is worth using and not the one that is to be replaced. */
const adoptable = (login: Login): Effect.Effect<StsSession | undefined> =>
  Effect.gen(function*() {
    const { session } = login
    const replaced = yield* Replaced
    if (session?.expiration === undefined || (replaced?._tag === "Sts" && isSame(session, replaced))) {
      return undefined
    }
    const left = DateTime.toEpochMillis(session.expiration) - (yield* Clock.currentTimeMillis)
    return left > reusableMillis ? session : undefined
  })

const isSame = (session: StsSession, replaced: Credentials.Sts): boolean =>
  session.accessKeyId === replaced.accessKeyId &&
  Redacted.value(session.securityToken) === Redacted.value(replaced.securityToken)

const isRefusal = (error: CredentialsError): boolean => error._tag === "SourceFailed" && error.reason === "Denied"

/**
 * The stored session while it is good; else, under the lock, what another process has stored meanwhile; else a new one,
 * which is stored. A refusal is final unless another tool has renewed the login at the same time.
 */
export const resolve = (
  store: Store,
  providerName: string,
  fetch: (login: Login, held: Held) => Effect.Effect<StsSession, CredentialsError>
): Effect.Effect<Credentials.Credentials, CredentialsError> => {
  const sessionOf = Effect.fnUntraced(function*(login: Login, held: Held) {
    const stored = yield* adoptable(login)
    if (stored !== undefined) {
      return stored
    }
    const session = yield* fetch(login, held)
    yield* held.save({ session })
    return session
  })
  const renewed = store.exclusively((held) =>
    Effect.flatMap(held.load, (login) => sessionOf(login, held)).pipe(
      Effect.catchIf(isRefusal, (refusal) =>
        Effect.flatMap(
          Effect.orElseSucceed(held.changed, () => undefined),
          (login) => login === undefined ? Effect.fail(refusal) : sessionOf(login, held)
        ))
    )
  )
  return Effect.gen(function*() {
    const session = (yield* adoptable(yield* store.peek)) ?? (yield* renewed)
    return Credentials.sts({ type: "sts", providerName, ...session })
  })
}
