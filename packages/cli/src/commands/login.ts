/** The `login` command: logs in with a browser or to CloudSSO, and writes the login to config.json. */
import * as CloudSsoLogin from "@effect-alicloud/credentials/CloudSsoLogin"
import type { Browser, Callback } from "@effect-alicloud/credentials/LoginServices"
import { Prompt } from "@effect-alicloud/credentials/LoginServices"
import * as OAuthLogin from "@effect-alicloud/credentials/OAuthLogin"
import * as CurrentProfile from "@effect-alicloud/credentials/unstable/CurrentProfile"
import * as LoginProfile from "@effect-alicloud/credentials/unstable/LoginProfile"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as NodeLogin from "@effect-alicloud/node/NodeLogin"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Entry } from "../internal/configFile.ts"
import { profileOf } from "../internal/configFile.ts"
import { Refused } from "../internal/failure.ts"
import * as keyboard from "../internal/keyboard.ts"
import * as loginFile from "../internal/loginFile.ts"
import { expiresAt } from "../messages/common.ts"
import * as messages from "../messages/login.ts"
import { overridden } from "../messages/profiles.ts"

export interface Options {
  readonly profile: Option.Option<string>
  readonly mode: Option.Option<"OAuth" | "CloudSSO">
  readonly site: Option.Option<"CN" | "INTL">
  readonly signInUrl: Option.Option<string>
  readonly account: Option.Option<string>
  readonly accessConfiguration: Option.Option<string>
  readonly region: Option.Option<string>
  readonly browser: boolean
  readonly overwrite: boolean
  readonly use: boolean
}

/** The browser and the listener. Tests have a browser of their own. */
export class Machine extends Context.Reference<Machine>()("@effect-alicloud/cli/LoginMachine", {
  defaultValue: (): Layer.Layer<Browser | Callback> => NodeLogin.layer
}) {}

/** The user, at the terminal. */
const prompt = Effect.gen(function*() {
  const scope = yield* Effect.scope
  const nextLine = yield* Effect.cached(Effect.provideService(keyboard.lines, Scope.Scope, scope))
  return Prompt.of({
    show: (signIn) => Console.error(messages.signIn(signIn)),
    choose: (what, choices) =>
      Effect.flatMap(
        keyboard.isThere,
        (isThere) =>
          isThere ? keyboard.choose(messages.question(what), choices) : Effect.fail(messages.notAsked(what, choices))
      ),
    paste: (problem) =>
      Effect.gen(function*() {
        if (problem !== undefined) {
          yield* Console.error(messages.wrongPaste(problem))
        }
        const line = yield* yield* nextLine
        return Option.isSome(line) ? line.value : yield* Effect.fail(messages.nothingPasted)
      })
  })
})

const modeOf = (options: Options, entry: Entry | undefined): "OAuth" | "CloudSSO" =>
  Option.getOrElse(options.mode, () => {
    const stored = entry?.mode === "CloudSSO" || entry?.mode === "OAuth" ? entry.mode : undefined
    const isCloudSso = [options.signInUrl, options.account, options.accessConfiguration].some(Option.isSome)
    return isCloudSso ? "CloudSSO" : Option.isSome(options.site) ? "OAuth" : stored ?? "OAuth"
  })

const chooseSite = Effect.flatMap(keyboard.isThere, (isThere) =>
  isThere
    ? Effect.map(keyboard.choose(messages.question("site"), messages.sites), ({ id }) => id)
    : new Refused({ message: messages.siteNeeded }))

const withOAuth = Effect.fnUntraced(function*({ browser, site }: Options, entry: Entry | undefined) {
  const profile = profileOf(entry)
  const stored = profile?.mode === "OAuth" ? profile.oauth_site_type : undefined
  const siteType = Option.getOrUndefined(site) ?? stored ?? (yield* chooseSite)
  return {
    login: yield* OAuthLogin.login({ siteType, browser }),
    what: siteType === "CN" ? "aliyun.com" : "alibabacloud.com",
    region: siteType === "CN" ? "cn-hangzhou" : "ap-southeast-1"
  }
})

const withCloudSso = Effect.fnUntraced(function*(options: Options, entry: Entry | undefined) {
  const profile = profileOf(entry)
  const stored = profile?.mode === "CloudSSO" ? profile : undefined
  const signInUrl = Option.getOrUndefined(options.signInUrl) ?? stored?.cloud_sso_sign_in_url
  if (signInUrl === undefined) {
    return yield* new Refused({ message: messages.signInUrlNeeded })
  }
  const kept = signInUrl === stored?.cloud_sso_sign_in_url ? stored : undefined
  const login = yield* CloudSsoLogin.login({
    signInUrl,
    browser: options.browser,
    account: Option.getOrUndefined(options.account),
    accessConfiguration: Option.getOrUndefined(options.accessConfiguration),
    storedAccountId: kept?.cloud_sso_account_id,
    storedAccessConfig: kept?.cloud_sso_access_config
  })
  return {
    login,
    what: `${login.accessConfig} in account ${login.accountId}`,
    region: /^https:\/\/signin-([a-z]+-[a-z0-9-]+)\./.exec(signInUrl)?.[1] ?? "cn-shanghai"
  }
})

export const run = Effect.fnUntraced(function*(options: Options) {
  const { entry, path, profileName } = yield* loginFile.open(options.profile)
  const mode = modeOf(options, entry)
  if (entry !== undefined && entry.mode !== mode && !options.overwrite) {
    return yield* new Refused({ message: messages.otherMode(profileName, loginFile.shownMode(entry), mode) })
  }
  const notWritten = (issue: string) => new Refused({ message: messages.notWritten(path, issue) })
  yield* Effect.mapError(LoginProfile.check(path), notWritten)
  const { login, region, what } = yield* Effect.gen(function*() {
    return mode === "OAuth" ? yield* withOAuth(options, entry) : yield* withCloudSso(options, entry)
  }).pipe(
    Effect.provideServiceEffect(Prompt, prompt),
    Effect.provide(yield* Machine),
    Effect.catchTag("SourceFailed", (error) => new Refused({ message: messages.failed(error) }))
  )
  const { isCurrent } = yield* LoginProfile.write(path, {
    profileName,
    login,
    regionId: { given: Option.getOrUndefined(options.region), byDefault: region },
    overwrite: options.overwrite,
    use: options.use
  }).pipe(Effect.mapError(notWritten))
  const { expiration } = login.session
  const now = yield* Clock.currentTimeMillis
  yield* Console.log(messages.loggedIn(
    profileName,
    path,
    what,
    expiration && expiresAt(Rfc3339.format(expiration), DateTime.toEpochMillis(expiration) - now)
  ))
  yield* Console.log(isCurrent ? messages.current : messages.notCurrent(profileName))
  const override = yield* CurrentProfile.override
  if (override !== undefined && override.profileName !== profileName) {
    yield* Console.error(overridden(override))
  }
  return 0
})
