/**
 * The files of `FileSessionStore`: a session in `<key>.json`, a lease in `<key>.lease`. What keeps others from reading or
 * planting them is in `folder.ts`.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Nonce } from "../../Platform.ts"
import * as SessionStore from "../../SessionStore.ts"
import * as Text from "../../unstable/Text.ts"
import { decodeUtf8 } from "../../unstable/WebCrypto.ts"
import { explain, temporaryName, writeNew, type WriteProblem } from "../login/atomicFile.ts"
import * as lockFile from "../login/lockFile.ts"
import * as smallFile from "../source/smallFile.ts"
import * as folder from "./folder.ts"

type Requirements = FileSystem.FileSystem | Path.Path

const Content = Schema.parseJson(Schema.Struct({ version: Schema.Literal(1), session: SessionStore.StoredSession }))

const decode = Schema.decodeOption(Content)

const encode = Schema.encodeSync(Content)

const isMissing = (error: PlatformError): boolean =>
  error._tag === "SystemError" && (error.reason === "NotFound" || error.reason === "PermissionDenied")

interface Trust {
  /** Modes and owners say nothing there. */
  readonly windows: boolean
  /** The owner of the folder. */
  readonly owner: Option.Option<number>
}

/** A session that others can read, or that another user stored, is none. */
const isPrivate = (info: FileSystem.File.Info, { owner, windows }: Trust): boolean =>
  windows || ((info.mode & 0o077) === 0 && Option.getOrUndefined(owner) === Option.getOrUndefined(info.uid))

export const readSession = (fs: FileSystem.FileSystem, file: string, trust: Trust) =>
  smallFile.read(fs, file).pipe(
    Effect.map(({ bytes, info }) =>
      isPrivate(info, trust)
        ? Option.map(Option.flatMap(Option.fromNullable(decodeUtf8(bytes)), decode), ({ session }) => session)
        : Option.none()
    ),
    Effect.catchTag("Unreadable", () => Effect.succeedNone),
    Effect.catchIf(isMissing, () => Effect.succeedNone)
  )

export const trustIn = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const info = yield* Effect.option(fs.stat(directory))
  return { windows: path.sep === "\\", owner: Option.flatMap(info, ({ uid }) => uid) }
})

/** The failure of an operation; `issue` names it: "it cannot be read". */
export const failed =
  (directory: string) => (issue: string) => (error: PlatformError | WriteProblem): SessionStore.StoreFailed =>
    new SessionStore.StoreFailed({ detail: `${Text.path(directory)}: ${explain(issue)(error).issue}` })

/** How often ended sessions are looked for, at most. */
const sweepPause = Duration.toMillis("10 minutes")

/** A lease can be taken by another again and again; then it is simply not had. */
const mostTries = 3

/** The store in that folder. Nothing is written before a session is stored, or fetched under a lease. */
export const make = (directory: string): Effect.Effect<SessionStore.Service, never, Requirements> =>
  Effect.gen(function*() {
    const context = yield* Effect.context<Requirements>()
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const nonce = yield* Nonce
    const leases = yield* lockFile.make
    let sweptAt = -Infinity

    const failing = failed(directory)

    const fileOf = (key: string): string => path.join(directory, `${key}.json`)

    const read = (file: string) =>
      Effect.flatMap(trustIn(directory), (trust) => readSession(fs, file, trust)).pipe(Effect.provide(context))

    const makeFolder = fs.makeDirectory(directory, { recursive: true, mode: 0o700 })

    const sweep = Effect.suspend(() => Effect.provide(folder.sweep(directory), context))

    const write = Effect.fnUntraced(function*(file: string, session: SessionStore.StoredSession) {
      yield* makeFolder
      const temporary = temporaryName(path, file, yield* nonce)
      const end = DateTime.toEpochMillis(session.expiration) / 1000
      yield* writeNew(fs, temporary, encode({ version: 1, session }))
      yield* fs.utimes(temporary, end, end).pipe(
        Effect.zipRight(fs.rename(temporary, file)),
        Effect.onError(() => Effect.ignore(fs.remove(temporary)))
      )
      const now = yield* Clock.currentTimeMillis
      if (Math.abs(now - sweptAt) >= sweepPause) {
        sweptAt = now
        yield* sweep
      }
    })

    /** Moved aside first, so that a newer session that is written meanwhile stays. */
    const remove = Effect.fnUntraced(
      function*(file: string, isRejected: (session: SessionStore.StoredSession) => boolean) {
        if (!Option.exists(yield* read(file), isRejected)) return
        const aside = temporaryName(path, file, yield* nonce)
        yield* fs.rename(file, aside)
        yield* Option.exists(yield* read(aside), isRejected) ? fs.remove(aside) : fs.rename(aside, file)
      }
    )

    const staleAfter = Duration.toMillis(SessionStore.leaseTime)

    const isStale = Effect.fnUntraced(function*(seen: lockFile.Seen) {
      const now = yield* Clock.currentTimeMillis
      return Math.abs(now - seen.mtime) > staleAfter || (yield* leases.isOwnerDead(seen))
    })

    const take = Effect.fnUntraced(function*(file: string) {
      yield* makeFolder
      const content = yield* leases.describe
      for (let tries = 0; tries < mostTries; tries++) {
        const seen = yield* leases.read(file)
        if (seen === undefined) {
          if (yield* leases.create(file, content)) return Option.some(content)
        } else if (!(yield* isStale(seen)) || !(yield* leases.recover(file, seen, isStale))) {
          return Option.none()
        }
      }
      return Option.none()
    })

    const leaseOf = (file: string, content: string): SessionStore.Lease => {
      /** Touched such that it counts as stale after that time. */
      const lasting = Effect.fnUntraced(function*(millis: number) {
        const seen = yield* leases.read(file)
        if (seen?.content !== content) return false
        yield* leases.touch(file, (yield* Clock.currentTimeMillis) - staleAfter + millis)
        return true
      })
      return {
        renew: Effect.mapError(lasting(staleAfter), failing("a lease in it cannot be renewed")),
        release: (after) => {
          const millis = Duration.toMillis(after)
          return Effect.mapError(
            millis > 0 ? Effect.asVoid(lasting(millis)) : leases.discard(file, (seen) => seen.content === content),
            failing("a lease in it cannot be given back")
          )
        }
      }
    }

    return {
      name: "files",
      get: (key) => Effect.mapError(read(fileOf(key)), failing("it cannot be read")),
      set: (key, session) =>
        Effect.mapError(Effect.uninterruptible(write(fileOf(key), session)), failing("it cannot be written")),
      remove: (key, rejected) =>
        Effect.mapError(
          Effect.catchIf(
            Effect.uninterruptible(remove(fileOf(key), (session) => SessionStore.isSame(session, rejected))),
            isMissing,
            () => Effect.void
          ),
          failing("a session in it cannot be removed")
        ),
      lease: (key) => {
        const file = path.join(directory, `${key}.lease`)
        return Effect.mapBoth(Effect.uninterruptible(take(file)), {
          onFailure: failing("it cannot be written"),
          onSuccess: Option.map((content) => leaseOf(file, content))
        })
      }
    }
  })
