/**
 * Sessions by key, for `RamRoleArns`. There are no more than `capacity`; the longest unused one is closed first.
 *
 * Invariants:
 * - A session whose lookup is under way stays until that ends, so that its key has no second lookup beside it.
 * - Every session is in the map. In the list, from the longest unused to the last used, are all but the busy ones that
 *   were passed over when room was needed: they come back, as the longest unused, when their lookup has ended.
 * - So making room costs the same for each session, however many are busy.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as RefreshPolicy from "../../RefreshPolicy.ts"
import type { Options } from "../../SessionCache.ts"
import { Session } from "./session.ts"
import { share, type Shared } from "./shared.ts"

export interface KeyedSessions {
  readonly get: (key: string) => Session | undefined
  /** Opens the session of a key that `get` does not find. */
  readonly open: (key: string, options: Options) => Session
  readonly size: () => number
}

class KeyedSession extends Session {
  readonly key: string
  older: KeyedSession | undefined = undefined
  newer: KeyedSession | undefined = undefined
  private readonly sessions: Sessions

  constructor(key: string, sessions: Sessions, shared: Shared, options: Options) {
    super(shared, options)
    this.key = key
    this.sessions = sessions
  }

  protected override settled(): void {
    this.sessions.settled(this)
  }
}

class Sessions implements KeyedSessions {
  // The order is not kept by the map: setting a key again and again makes it ever slower to find.
  private readonly all = new Map<string, KeyedSession>()
  private readonly passedOver = new Set<KeyedSession>()
  private oldest: KeyedSession | undefined = undefined
  private newest: KeyedSession | undefined = undefined
  private readonly shared: Shared
  private readonly capacity: number

  constructor(shared: Shared, capacity: number) {
    this.shared = shared
    this.capacity = capacity
  }

  get(key: string): Session | undefined {
    const session = this.all.get(key)
    if (session !== undefined && session !== this.newest) {
      if (!this.passedOver.delete(session)) {
        this.unlink(session)
      }
      this.append(session)
    }
    return session
  }

  open(key: string, options: Options): Session {
    const session = new KeyedSession(key, this, this.shared, options)
    this.all.set(key, session)
    this.append(session)
    this.makeRoom(session)
    return session
  }

  size(): number {
    return this.all.size
  }

  settled(session: KeyedSession): void {
    if (this.passedOver.delete(session)) {
      this.prepend(session)
    }
    this.makeRoom()
  }

  private makeRoom(opened?: KeyedSession): void {
    for (
      let session = this.oldest;
      session !== undefined && session !== opened && this.all.size > this.capacity;
      session = this.oldest
    ) {
      this.unlink(session)
      if (session.isBusy()) {
        this.passedOver.add(session)
      } else {
        this.all.delete(session.key)
        session.close()
      }
    }
  }

  private unlink(session: KeyedSession): void {
    if (session.older === undefined) {
      this.oldest = session.newer
    } else {
      session.older.newer = session.newer
    }
    if (session.newer === undefined) {
      this.newest = session.older
    } else {
      session.newer.older = session.older
    }
  }

  private append(session: KeyedSession): void {
    this.link(this.newest, session, undefined)
  }

  private prepend(session: KeyedSession): void {
    this.link(undefined, session, this.oldest)
  }

  private link(older: KeyedSession | undefined, session: KeyedSession, newer: KeyedSession | undefined): void {
    session.older = older
    session.newer = newer
    if (older === undefined) {
      this.oldest = session
    } else {
      older.newer = session
    }
    if (newer === undefined) {
      this.newest = session
    } else {
      newer.older = session
    }
  }
}

export const make = (options: {
  readonly capacity: number
  readonly refreshesPerSecond: number
  readonly refresh?: RefreshPolicy.Options | undefined
}): Effect.Effect<KeyedSessions, never, Scope.Scope> =>
  Effect.map(share(options), (shared) => new Sessions(shared, options.capacity))
