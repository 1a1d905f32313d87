/** The environment of a command that is to use the given credentials and no others. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as outerExec from "./outerExec.ts"
import type { Definition } from "./sources.ts"

type Variables = Readonly<Record<string, string | undefined>>

/** How the names of the SDKs, the aliyun CLI and the Terraform provider begin. */
const prefix = /^(?:ALIBABA_CLOUD|ALIBABACLOUD|ALICLOUD|ALIYUN)_/

/**
 * What any of them reads to choose or find credentials, besides what configures our sources, of which they read the same
 * names behind their own prefix.
 */
const ofOtherTools = [
  "ACCESS_KEY",
  "SECRET_KEY",
  "SECRET_ACCESS_KEY",
  "SESSION_TOKEN",
  "STS_TOKEN",
  "BEARER_TOKEN",
  "BEARER_TOKEN_HEADER_KEY",
  "EXTERNAL_ID",
  "ASSUME_ROLE_ARN",
  "ASSUME_ROLE_EXTERNAL_ID",
  "ASSUME_ROLE_POLICY",
  "ASSUME_ROLE_SESSION_EXPIRATION",
  "ASSUME_ROLE_SESSION_NAME",
  "ECS_ROLE_NAME",
  "SHARED_CREDENTIALS_FILE",
  "PROFILE_MODE",
  "IGNORE_PROFILE",
  "CREDENTIALS_SERVE_TOKEN"
]

/** Names without a prefix: those of the aliyun CLI, and those of the OSS SDKs and ossutil. */
const bare = [
  "ACCESS_KEY_ID",
  "ACCESS_KEY_SECRET",
  "SECURITY_TOKEN",
  "OSS_ACCESS_KEY_ID",
  "OSS_ACCESS_KEY_SECRET",
  "OSS_SESSION_TOKEN"
]

/** The names that choose credentials or turn sources off. Settings do neither, and stay. */
const namesOf = ({ switches, variables }: Definition): ReadonlyArray<string> => [
  ...variables.filter(({ kind }) => kind !== "setting").map(({ name }) => name),
  ...switches
]

/** Whatever its case: one old SDK reads `ALIBABA_CLOUD_ACCESS_KEY_Id`, and Windows ignores case. */
const choosesCredentials = (sources: ReadonlyArray<Definition>): (name: string) => boolean => {
  const ours = sources.flatMap(namesOf).map((name) => name.toUpperCase())
  const names = new Set([...bare, ...ours])
  const prefixed = new Set([...ofOtherTools, ...ours.filter((name) => prefix.test(name)).map(withoutPrefix)])
  return (name) => {
    const upper = name.toUpperCase()
    return names.has(upper) || (prefix.test(upper) && prefixed.has(withoutPrefix(upper)))
  }
}

const withoutPrefix = (name: string): string => name.replace(prefix, "")

/**
 * Keeps programs from looking where no variable tells them to: at the profiles of the aliyun CLI, as SDKs and as that
 * CLI itself does, at a credentials file, at the metadata service, and wherever else a switch turns a source off.
 */
const switchedOff = (sources: ReadonlyArray<Definition>, emptyFile: string | undefined): Variables => ({
  ...Object.fromEntries(sources.flatMap(({ switches }) => switches.map((name) => [name, "true"]))),
  ALIBABA_CLOUD_IGNORE_PROFILE: "TRUE",
  ALIBABA_CLOUD_CREDENTIALS_FILE: emptyFile
})

/** `Os.homedir` throws for a user without an entry in the system. */
const homeDirectory = (): string | undefined => Option.getOrUndefined(Option.liftThrowable(Os.homedir)())

/** Whether there is a file where SDKs look for credentials when no variable names one. */
const hasDefaultFile = ({ HOME, USERPROFILE }: Variables): boolean =>
  [HOME, USERPROFILE, homeDirectory(), "/etc"].some((folder) =>
    ["credentials", "credentials.ini"].some((name) =>
      folder !== undefined && Fs.existsSync(Path.join(folder, ".alibabacloud", name))
    )
  )

/**
 * A credentials file without credentials, until the scope closes, where there is a default one to keep SDKs from; else
 * none, because some SDKs fail on one that is empty. The file exists, because others fail on one that is missing; only
 * where nothing can be written it does not.
 */
export const emptyFile = (variables: Variables): Effect.Effect<string | undefined, never, Scope.Scope> =>
  hasDefaultFile(variables) ? madeFile : Effect.succeed(undefined)

const madeFile: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.try(() => {
    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "alicloud-credentials-"))
    const file = Path.join(folder, "credentials")
    Fs.writeFileSync(file, "", { mode: 0o400 })
    return { folder, file }
  }),
  ({ folder }) => Effect.ignore(Effect.try(() => Fs.rmSync(folder, { recursive: true, force: true })))
).pipe(
  Effect.map(({ file }) => file),
  Effect.orElseSucceed(() => Os.devNull)
)

const proxies = new Set(["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])

const loopback = "127.0.0.1"

/** Some read the one spelling, some the other, so both say the same. */
const aroundProxy = (variables: Variables): Variables => {
  if (!Object.entries(variables).some(([name, value]) => proxies.has(name.toUpperCase()) && value !== "")) {
    return {}
  }
  const around = (value: string | undefined): string =>
    value === undefined || value === ""
      ? loopback
      : value.trim() === "*" || value.split(",").includes(loopback)
      ? value
      : `${value},${loopback}`
  const { NO_PROXY, no_proxy } = variables
  return { no_proxy: around(no_proxy || NO_PROXY), NO_PROXY: around(NO_PROXY || no_proxy) }
}

const regionVariable = "ALIBABA_CLOUD_REGION_ID"

/** The region of the profile, unless the user has chosen one. */
const inRegion = (inherited: Variables, region: string | undefined): Variables =>
  region === undefined ||
    [regionVariable, "ALIBABACLOUD_REGION_ID", "ALICLOUD_REGION_ID"].some((name) => (inherited[name] ?? "") !== "")
    ? {}
    : { [regionVariable]: region }

/**
 * Of `variables`, all that neither chooses credentials nor is a setting of an `exec` around this one, then our settings
 * and what is `given`.
 */
export const childEnvironment = (
  sources: ReadonlyArray<Definition>,
  variables: Variables,
  given: { readonly credentials: Variables; readonly about: Variables; readonly region: string | undefined },
  emptyFile: string | undefined
): Record<string, string | undefined> => {
  const chooses = choosesCredentials(sources)
  const outer = outerExec.settingsIn(variables) ?? {}
  const own = Object.fromEntries(Object.entries(variables).filter(([name]) => !Object.hasOwn(outer, name)))
  const settings = { ...switchedOff(sources, emptyFile), ...inRegion(own, given.region) }
  const changed = Object.entries(settings).flatMap(([name, value]) =>
    value === undefined || own[name]?.toLowerCase() === value.toLowerCase() ? [] : [[name, value]]
  )
  return {
    ...Object.fromEntries(Object.entries(own).filter(([name]) => !chooses(name))),
    ...aroundProxy(variables),
    ...settings,
    ...outerExec.mark(Object.fromEntries(changed)),
    ...given.about,
    ...given.credentials
  }
}
