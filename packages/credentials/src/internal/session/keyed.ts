import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as RefreshPolicy from "../../RefreshPolicy.ts"
import * as SessionCache from "../../SessionCache.ts"
import type { Handle } from "./session.ts"

/** Sessions by key. The longest unused one is closed when there are more than `capacity`. */
export interface KeyedSessions {
  readonly get: (key: string) => Handle | undefined
  /** Of a key that `get` does not find. */
  readonly open: (key: string, options: SessionCache.Options) => Handle
  readonly size: () => number
}

/** A session in the list of all, from the longest unused to the last used. */
interface Held {
  readonly key: string
  readonly session: Handle
  older: Held | undefined
  newer: Held | undefined
}

export const make = (options: {
  readonly capacity: number
  readonly refreshesPerSecond: number
  readonly refresh?: RefreshPolicy.Options | undefined
}): Effect.Effect<KeyedSessions, never, Scope.Scope> =>
  Effect.suspend(() => {
    // The order is not kept by the map: setting a key again and again makes it ever slower to find.
    const held = new Map<string, Held>()
    let oldest: Held | undefined
    let newest: Held | undefined

    const unlink = (self: Held): void => {
      if (self.older === undefined) {
        oldest = self.newer
      } else {
        self.older.newer = self.newer
      }
      if (self.newer === undefined) {
        newest = self.older
      } else {
        self.newer.older = self.older
      }
    }

    const append = (self: Held): void => {
      self.older = newest
      self.newer = undefined
      if (newest === undefined) {
        oldest = self
      } else {
        newest.newer = self
      }
      newest = self
    }

    /** A session whose lookup is under way stays until that ends, so that its key has no second lookup beside it. */
    const evict = (opened?: Held): void => {
      for (let self = oldest; self !== undefined && held.size > options.capacity; self = self.newer) {
        if (self !== opened && !self.session.isBusy()) {
          held.delete(self.key)
          unlink(self)
          self.session.close()
        }
      }
    }

    const { refresh, refreshesPerSecond } = options
    return Effect.map(
      SessionCache.opener(refresh, { refreshesPerSecond, onSettled: () => evict() }),
      (openSession) => ({
        get: (key) => {
          const self = held.get(key)
          if (self !== undefined && self !== newest) {
            unlink(self)
            append(self)
          }
          return self?.session
        },
        open: (key, sessionOptions) => {
          const self: Held = { key, session: openSession(sessionOptions), older: undefined, newer: undefined }
          held.set(key, self)
          append(self)
          evict(self)
          return self.session
        },
        size: () => held.size
      })
    )
  })
