/** Reads credentials for the bridges, consistently within a turn of the event loop, and retries rejected calls. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import { atOptions, invalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import type * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { AsyncLocalStorage } from "node:async_hooks"
import { CredentialsClosed } from "../CredentialsClosed.ts"
import { isRejected } from "../Rejection.ts"

/**
 * Reads credentials in the shape of a client, for the bridges. A read of a fresh value does not enter the Effect runtime.
 *
 * The reads "in turn" return the same value until the turn of the event loop ends. A client that reads id, secret and
 * token one after the other, with only resolved promises in between, therefore gets the parts of one session.
 */
export interface Reader<A> {
  readonly read: () => Promise<A>
  readonly readInTurn: () => Promise<A>
  /** The fresh value, else the last one that was read, else `undefined`. */
  readonly currentInTurn: () => A | undefined
  readonly retryOnRejected: <B>(run: () => PromiseLike<B>) => Promise<B>
}

/** The error for credentials that a client does not support. */
export const refused = (source: string, credentials: Credentials, issue: string): InvalidConfig =>
  invalidConfig(source, atOptions("credentials"), `${credentials._tag}: ${issue}`)

interface Held<A> {
  readonly credentials: Credentials
  readonly value: A
  readonly promise: Promise<A>
}

/** The credentials that one run under `retryOnRejected` has read. */
interface Watch {
  readonly provider: CredentialsProvider.Service
  readonly outer: Watch | undefined
  used: Credentials | undefined
}

const watches = new AsyncLocalStorage<Watch>()

let running = 0

const note = (provider: CredentialsProvider.Service, credentials: Credentials): void => {
  if (running === 0) return
  for (let watch = watches.getStore(); watch !== undefined; watch = watch.outer) {
    if (watch.provider === provider) watch.used = credentials
  }
}

export const make = <A>(
  provider: CredentialsProvider.Service,
  convert: (credentials: Credentials) => Either.Either<A, InvalidConfig>
): Effect.Effect<Reader<A>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const runPromiseExit = Runtime.runPromiseExit(yield* Effect.runtime())
    let closed = false
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
      })
    )
    let last: Held<A> | undefined
    let turn: Held<A> | undefined

    const hold = (credentials: Credentials): Either.Either<Held<A>, InvalidConfig> =>
      last?.credentials === credentials ? Either.right(last) : Either.map(convert(credentials), (value) => {
        last = { credentials, value, promise: Promise.resolve(value) }
        return last
      })

    const use = (held: Held<A>): Held<A> => {
      note(provider, held.credentials)
      return held
    }

    /** For the synchronous reads: a fresh value of a supported kind, or `undefined`. */
    const fresh = (): Held<A> | undefined => {
      const credentials = closed ? undefined : provider.unsafeCurrent()
      if (credentials === undefined) return undefined
      if (last?.credentials === credentials) return use(last)
      const held = hold(credentials)
      return Either.isRight(held) ? use(held.right) : undefined
    }

    const wait = async (): Promise<Held<A>> => {
      if (closed) throw new CredentialsClosed()
      const exit = await runPromiseExit(provider.get)
      if (Exit.isFailure(exit)) throw closed ? new CredentialsClosed() : Cause.squash(exit.cause)
      return use(Either.getOrThrowWith(hold(exit.value), (error) => error))
    }

    const pin = (held: Held<A>): Held<A> => {
      if (turn === undefined) {
        turn = held
        setImmediate(() => {
          turn = undefined
        }).unref()
      }
      return use(turn)
    }

    return {
      read: () => fresh()?.promise ?? wait().then(({ value }) => value),
      readInTurn: () => {
        const held = closed ? undefined : turn ?? fresh()
        return held === undefined ? wait().then((found) => pin(found).value) : pin(held).promise
      },
      currentInTurn: () => {
        const held = turn ?? fresh()
        return held === undefined ? last?.value : pin(held).value
      },
      retryOnRejected: async (run) => {
        const watch: Watch = { provider, outer: watches.getStore(), used: undefined }
        running++
        try {
          return await watches.run(watch, run)
        } catch (error) {
          const rejected = watch.used ?? last?.credentials
          if (rejected === undefined || !isRejected(error)) throw error
          await runPromiseExit(provider.invalidate(rejected))
        } finally {
          running--
        }
        return await run()
      }
    }
  })
