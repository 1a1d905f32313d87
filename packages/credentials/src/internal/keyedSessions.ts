import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as RefreshPolicy from "../RefreshPolicy.ts"
import * as SessionCache from "../SessionCache.ts"

/** Sessions by key. The longest unused one is closed when there would be more than `capacity`. */
export interface KeyedSessions {
  readonly get: (key: string) => SessionCache.Handle | undefined
  readonly open: (key: string, options: SessionCache.Options) => SessionCache.Handle
  readonly size: () => number
}

export const make = (options: {
  readonly capacity: number
  readonly policy?: RefreshPolicy.Options | undefined
}): Effect.Effect<KeyedSessions, never, Scope.Scope> =>
  Effect.map(SessionCache.opener(options.policy), (openSession) => {
    /** A map keeps the order of insertion: the first key is the longest unused one. */
    const sessions = new Map<string, SessionCache.Handle>()

    /** A session whose lookup is under way stays, so that its key has no second lookup beside it. */
    const evict = (opened: string): void => {
      for (const [key, session] of sessions) {
        if (sessions.size <= options.capacity) {
          return
        }
        if (key !== opened && !session.isBusy()) {
          sessions.delete(key)
          session.close()
        }
      }
    }

    const get = (key: string): SessionCache.Handle | undefined => {
      const session = sessions.get(key)
      if (session !== undefined) {
        sessions.delete(key)
        sessions.set(key, session)
      }
      return session
    }

    return {
      get,
      open: (key, sessionOptions) => {
        const session = get(key) ?? openSession(sessionOptions)
        sessions.set(key, session)
        evict(key)
        return session
      },
      size: () => sessions.size
    }
  })
