import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { SourceFailed } from "../CredentialsError.ts"
import * as atomicFile from "../internal/login/atomicFile.ts"
import * as fileLock from "../internal/login/fileLock.ts"
import * as jsonEdit from "../internal/login/jsonEdit.ts"
import * as logInAgain from "../internal/login/logInAgain.ts"
import type { Held, Login, Store } from "../internal/login/store.ts"
import * as CliConfigFile from "../unstable/CliConfigFile.ts"
import type { Profile } from "../unstable/CliConfigProfile.ts"
import type { StsSession } from "../unstable/SessionDocument.ts"
import * as Text from "../unstable/Text.ts"
import * as TextFile from "../unstable/TextFile.ts"

type LoginProfile = Extract<Profile, { readonly mode: "CloudSSO" | "OAuth" }>

/** The fields in which a mode keeps its login. */
export interface LoginFields {
  readonly mode: LoginProfile["mode"]
  readonly accessToken: "access_token" | "oauth_access_token"
  readonly accessTokenExpire: "cloud_sso_access_token_expire" | "oauth_access_token_expire"
  readonly refreshToken: "oauth_refresh_token" | undefined
  /** How many seconds before its end a stored session counts as ended. */
  readonly sessionMarginSeconds: number
}

export const oauthFields: LoginFields = {
  mode: "OAuth",
  accessToken: "oauth_access_token",
  accessTokenExpire: "oauth_access_token_expire",
  refreshToken: "oauth_refresh_token",
  sessionMarginSeconds: 0
}

/** The aliyun CLI stores the end of a CloudSSO session 5 seconds early. */
export const cloudSsoFields: LoginFields = {
  mode: "CloudSSO",
  accessToken: "access_token",
  accessTokenExpire: "cloud_sso_access_token_expire",
  refreshToken: undefined,
  sessionMarginSeconds: 5
}

const sessionIn = (profile: LoginProfile): StsSession | undefined => {
  const { access_key_id: accessKeyId, access_key_secret: accessKeySecret, sts_token: securityToken } = profile
  const expiration = Option.getOrUndefined(DateTime.make((profile.sts_expiration ?? Number.NaN) * 1000))
  return accessKeyId && accessKeySecret && securityToken && expiration
    ? { accessKeyId, accessKeySecret, securityToken, expiration }
    : undefined
}

/** None in a profile that has had its mode changed. */
const loginIn = (profile: Profile): Login => {
  switch (profile.mode) {
    case "CloudSSO":
      return {
        accessToken: profile.access_token,
        accessTokenExpire: profile.cloud_sso_access_token_expire,
        session: sessionIn(profile)
      }
    case "OAuth":
      return {
        accessToken: profile.oauth_access_token,
        accessTokenExpire: profile.oauth_access_token_expire,
        refreshToken: profile.oauth_refresh_token,
        session: sessionIn(profile)
      }
    default:
      return {}
  }
}

/** Which login a profile is for. */
const siteOf = (profile: Profile): ReadonlyArray<string> => {
  switch (profile.mode) {
    case "CloudSSO":
      return [profile.cloud_sso_sign_in_url, profile.cloud_sso_account_id, profile.cloud_sso_access_config]
    case "OAuth":
      return [profile.oauth_site_type]
    default:
      return []
  }
}

/** The members of a profile that change with a login. */
export const membersOf = (changes: Login, fields: LoginFields): Record<string, jsonEdit.Scalar> => {
  const members: Record<string, jsonEdit.Scalar> = {}
  if (changes.accessToken !== undefined) {
    members[fields.accessToken] = Redacted.value(changes.accessToken)
  }
  if (changes.accessTokenExpire !== undefined) {
    members[fields.accessTokenExpire] = changes.accessTokenExpire
  }
  if (changes.refreshToken !== undefined && fields.refreshToken !== undefined) {
    members[fields.refreshToken] = Redacted.value(changes.refreshToken)
  }
  if (changes.session !== undefined) {
    const { accessKeyId, accessKeySecret, expiration, securityToken } = changes.session
    members["access_key_id"] = accessKeyId
    members["access_key_secret"] = Redacted.value(accessKeySecret)
    members["sts_token"] = Redacted.value(securityToken)
    members["sts_expiration"] = expiration === undefined
      ? 0
      : Math.floor(DateTime.toEpochMillis(expiration) / 1000) - fields.sessionMarginSeconds
  }
  return members
}

/** Tells whether a file still holds the login, and the session, that were read from it. */
interface Basis {
  /** The mode and its settings. */
  readonly kind: string
  readonly login: string
  readonly session: string
}

const basisOf = (profile: Profile): Basis => {
  const { accessToken, refreshToken, session } = loginIn(profile)
  const token = refreshToken ?? accessToken
  const kind = JSON.stringify([profile.mode, ...siteOf(profile)])
  return {
    kind,
    login: JSON.stringify([kind, token && Redacted.value(token)]),
    session: JSON.stringify(session && [session.accessKeyId, Redacted.value(session.securityToken)])
  }
}

/** The part of a login that could not be written. It counts while the file holds what it held then. */
interface Unsaved {
  readonly basedOn: Basis
  readonly login: Login
}

/**
 * Keeps the logins of `config.json`: locked across processes, written atomically, only the login's own fields of the one
 * profile, and only while it holds the login that was read. Changes that cannot be written live on in this process, and
 * are written with the next ones.
 */
export const make: Effect.Effect<
  (source: string, file: CliConfigFile.Opened, profileName: string, fields: LoginFields) => Store,
  never,
  FileSystem.FileSystem | Path.Path
> = Effect.gen(function*() {
  const lock = yield* fileLock.make
  const io = yield* atomicFile.make
  const fs = yield* FileSystem.FileSystem
  const unlocked = yield* Effect.makeSemaphore(1)
  const allUnsaved = new Map<string, Unsaved>()

  return (source, file, profileName, fields) => {
    const key = JSON.stringify([file.path, profileName])
    const place = `${Text.path(file.path)} profile ${Text.name(profileName)}`
    let warned = false

    /** The login that was read from a file, with the changes that could not be written to it. */
    const withUnsaved = (read: Login, { login, session }: Basis): Login => {
      const unsaved = allUnsaved.get(key)
      if (unsaved?.basedOn.login !== login) return read
      const isNewest = unsaved.basedOn.session === session && unsaved.login.session !== undefined
      return { ...read, ...unsaved.login, session: isNewest ? unsaved.login.session : read.session }
    }

    const read = Effect.map(
      Effect.flatMap(file.reread, (opened) => opened.profile(profileName)),
      (profile) => {
        const basis = basisOf(profile)
        return { basis, login: withUnsaved(loginIn(profile), basis) }
      }
    )

    /** Replaces the login that `basis` tells of, and tells of the new one. */
    const write = Effect.fnUntraced(function*(changes: Login, basis: Basis | undefined, lock: fileLock.Held) {
      const { path, profile, text } = yield* TextFile.whileChanging(fs, file.path)(
        Effect.flatMap(
          Effect.mapError(io.read(file.path), (problem) => problem.issue),
          (text) => Effect.map(CliConfigFile.locate(text, profileName), (found) => ({ ...found, text }))
        )
      )
      const found = basisOf(profile)
      if (found.login !== basis?.login) {
        return yield* Effect.fail("another program has changed the login in it")
      }
      const all = { ...withUnsaved({}, found), ...changes }
      const edited = jsonEdit.setMembers(text, path, membersOf(all, fields))
      if (Either.isLeft(edited)) {
        return yield* Effect.fail(edited.left)
      }
      if (!(yield* lock.stillHeld)) {
        return yield* Effect.fail("another process has taken over its lock")
      }
      yield* Effect.mapError(io.replace(file.path, edited.right), (problem) => problem.issue)
      allUnsaved.delete(key)
      return basisOf((yield* CliConfigFile.locate(edited.right, profileName)).profile)
    })

    const keep = (changes: Login, basis: Basis | undefined, issue: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (basis !== undefined) {
          allUnsaved.set(key, { basedOn: basis, login: { ...withUnsaved({}, basis), ...changes } })
        }
        const first = !warned
        warned = true
        return Effect.when(
          Effect.annotateLogs(
            Effect.logWarning("A refreshed login could not be stored, other processes will not see it"),
            { source, place, error: issue }
          ),
          () => first
        )
      })

    /** The login under its lock, or with the reason why there is none. */
    const hold = (lock: fileLock.Held | atomicFile.WriteProblem): Held => {
      let basis: Basis | undefined
      const load = Effect.map(read, (found) => {
        basis = found.basis
        return found.login
      })
      return {
        load,
        changed: Effect.suspend(() => {
          const known = basis
          return Effect.map(
            load,
            (login) =>
              basis?.kind !== known?.kind || (basis?.login === known?.login && basis?.session === known?.session)
                ? undefined
                : login
          )
        }),
        canSave: "issue" in lock ? Effect.succeed(false) : io.canReplace(file.path),
        save: (changes) =>
          Effect.suspend(() =>
            "issue" in lock
              ? keep(changes, basis, lock.issue)
              : Effect.matchEffect(write(changes, basis, lock), {
                onFailure: (issue) => keep(changes, basis, issue),
                onSuccess: (written) =>
                  Effect.sync(() => {
                    basis = written
                  })
              })
          )
      }
    }

    return {
      logInAgain: logInAgain.ofProfile(profileName, fields.mode),
      peek: Effect.map(read, ({ login }) => login),
      exclusively: (use) =>
        lock.withLock(file.path, (lock) => use(hold(lock))).pipe(
          Effect.catchIf(
            (error): error is atomicFile.WriteProblem => error._tag === "WriteProblem",
            (problem): ReturnType<typeof use> =>
              problem.reason === "readonly" || problem.reason === "failed"
                ? unlocked.withPermits(1)(use(hold(problem)))
                : Effect.fail(
                  new SourceFailed({ source, reason: "File", detail: `${place}: ${problem.issue}`, retryable: true })
                )
          )
        )
    }
  }
})
