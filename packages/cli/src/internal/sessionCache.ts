/** The files in which sessions of roles are kept from one command to the next. Used by `selection.ts` and `cache`. */
import * as SessionStore from "@effect-alicloud/credentials/SessionStore"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { type Machine, onMachine } from "./machine.ts"

/** The variable that switches the cache off. */
export const variable = "ALICLOUD_CREDENTIALS_NO_CACHE"

export const isSwitchedOff: Effect.Effect<boolean> = Effect.match(Config.string(variable), {
  onFailure: () => false,
  onSuccess: (value) => !["", "0", "false", "no"].includes(value.trim().toLowerCase())
})

/** The module is loaded, and the folder looked at, only for a role. A folder that must not be used is one warning. */
const store = Effect.gen(function*() {
  const context = yield* Effect.context<Machine>()
  const files = yield* Effect.cached(
    Effect.promise(() => import("@effect-alicloud/credentials/FileSessionStore")).pipe(
      Effect.flatMap(({ make }) => onMachine(make())),
      Effect.mapError(({ message }) => new SessionStore.StoreFailed({ detail: message })),
      Effect.provide(context)
    )
  )
  return SessionStore.SessionStore.of({
    name: "files",
    get: (key) => Effect.flatMap(files, (store) => store.get(key)),
    set: (key, session) => Effect.flatMap(files, (store) => store.set(key, session)),
    remove: (key, session) => Effect.flatMap(files, (store) => store.remove(key, session)),
    lease: (key) => Effect.flatMap(files, (store) => store.lease(key))
  })
})

/** Lets sources keep their sessions in files, unless that is switched off. */
export const provided =
  (wanted: boolean) => <A, E, R>(make: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Machine> =>
    Effect.gen(function*() {
      return wanted && !(yield* isSwitchedOff)
        ? yield* Effect.provideService(make, SessionStore.SessionStore, yield* store)
        : yield* make
    })
