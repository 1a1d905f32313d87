/**
 * Writes logins to the aliyun CLI's `config.json` and removes them, with the fields that the aliyun CLI writes. For the
 * command line tool; it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as CloudSsoLogin from "../CloudSsoLogin.ts"
import * as editFile from "../internal/login/editFile.ts"
import * as jsonEdit from "../internal/login/jsonEdit.ts"
import * as logInAgain from "../internal/login/logInAgain.ts"
import type * as OAuthLogin from "../OAuthLogin.ts"
import { cloudSsoFields, membersOf, oauthFields } from "../profiles/loginStore.ts"
import * as CliConfigFile from "./CliConfigFile.ts"
import { modeOf } from "./CliConfigProfile.ts"
import * as Text from "./Text.ts"

type Services = FileSystem.FileSystem | Path.Path

type Members = Readonly<Record<string, jsonEdit.Scalar>>

/**
 * The command that logs a profile in.
 *
 * @since 0.1.0
 * @category unstable
 */
export const command: (profileName: string) => string = logInAgain.command

/**
 * The command of the aliyun CLI that does so.
 *
 * @since 0.1.0
 * @category unstable
 */
export const otherCommand: (profileName: string, mode: "CloudSSO" | "OAuth") => string = logInAgain.otherCommand

/**
 * What is written.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface Written {
  readonly profileName: string
  readonly login: OAuthLogin.Login | CloudSsoLogin.Login
  /** Replaces that of a profile that exists; by default a new profile gets the second. */
  readonly regionId: { readonly given: string | undefined; readonly byDefault: string }
  /** Whether a profile of another mode may be replaced. */
  readonly overwrite: boolean
  /** Whether to make it the current profile even if there is another. */
  readonly use: boolean
}

const loginMembers = (login: Written["login"]): Members =>
  login.mode === "OAuth"
    ? { oauth_site_type: login.siteType, ...membersOf(login, oauthFields) }
    : {
      cloud_sso_sign_in_url: login.signInUrl,
      cloud_sso_account_id: login.accountId,
      cloud_sso_access_config: login.accessConfig,
      ...membersOf(login, cloudSsoFields)
    }

/** What a login before this one may have left, and this one may not have. */
const outdated = ["oauth_refresh_token", "oauth_refresh_token_expire"]

const loginFields = [
  "access_token",
  "cloud_sso_access_token_expire",
  "oauth_access_token",
  "oauth_access_token_expire",
  ...outdated,
  "access_key_id",
  "access_key_secret",
  "sts_token",
  "sts_expiration"
]

/** The members of a profile that are not of one mode. */
const general = ["name", "region_id", "output_format", "language", "site"]

const newProfile = ({ login, profileName, regionId }: Written): Members => ({
  name: profileName,
  mode: login.mode,
  ...loginMembers(login),
  region_id: regionId.given ?? regionId.byDefault,
  output_format: "json",
  language: "en"
})

/** The text with the profile in it; fails where a profile of another mode is in its place. */
const withProfile = (text: string, written: Written) =>
  Effect.gen(function*() {
    const { login, overwrite, profileName, regionId } = written
    const { current, profiles } = yield* CliConfigFile.contentsOf(text)
    const found = CliConfigFile.byName(profiles, profileName)
    const name = found?.name ?? profileName
    const isNew = found === undefined
    const isSameMode = found !== undefined && modeOf(found.profile) === login.mode
    if (!isNew && !isSameMode && !overwrite) {
      return yield* Effect.fail(`its profile ${Text.name(name)} is not a login of mode ${login.mode}`)
    }
    const changed = found === undefined
      ? jsonEdit.appendObject(text, "profiles", newProfile(written))
      : Either.gen(function*() {
        const place = ["profiles", found.index] as const
        const members = loginMembers(login)
        const gone = isSameMode
          ? outdated.filter((name) => login.mode === "OAuth" && !Object.hasOwn(members, name))
          : Object.keys(found.profile).filter((member) => !general.includes(member))
        return yield* jsonEdit.setMembers(yield* jsonEdit.removeMembers(text, place, gone), place, {
          mode: login.mode,
          ...members,
          ...(regionId.given !== undefined || found.region === undefined
            ? { region_id: regionId.given ?? regionId.byDefault }
            : {})
        })
      })
    const chosen = current ?? CliConfigFile.byName(profiles, "default")?.name
    const isCurrent = written.use || chosen === undefined || chosen === name
    return {
      isCurrent,
      text: yield* isCurrent && current !== name
        ? Either.flatMap(changed, (text) => jsonEdit.setMembers(text, [], { current: name }))
        : changed
    }
  })

/**
 * Writes a login under the lock of the file, which is created where there is none. Every other byte stays as it is. Fails
 * with the reason why nothing was written, about the file; answers whether the profile is the current one.
 *
 * @since 0.1.0
 * @category unstable
 */
export const write = (
  path: string,
  written: Written
): Effect.Effect<{ readonly isCurrent: boolean }, string, Services> =>
  Effect.flatMap(
    editFile.createIfMissing(
      path,
      `${
        JSON.stringify({ current: written.profileName, profiles: [newProfile(written)], meta_path: "" }, null, "\t")
      }\n`
    ),
    (created) =>
      created
        ? Effect.succeed({ isCurrent: true })
        : Effect.map(
          editFile.edit(path, (text) => withProfile(text, written), ({ text }) => text),
          ({ isCurrent }) => ({ isCurrent })
        )
  )

/**
 * Removes the tokens and the session of a profile; its settings stay. Fails with the reason why nothing was written.
 *
 * @since 0.1.0
 * @category unstable
 */
export const clear = (path: string, profileName: string): Effect.Effect<void, string, Services> =>
  Effect.asVoid(editFile.edit(path, (text) =>
    Effect.flatMap(
      CliConfigFile.locate(text, profileName),
      ({ path }) => jsonEdit.removeMembers(text, path, loginFields)
    )))

/**
 * Fails with the reason why `write` could write nothing, before a user logs in for nothing.
 *
 * @since 0.1.0
 * @category unstable
 */
export const check: (path: string) => Effect.Effect<void, string, Services> = editFile.check
