/**
 * What `exec` tells its command in variables, besides the credentials: for prompts, and for this tool when it runs in
 * there. Used by `childEnvironment.ts`, `commands/exec.ts` and `Cli.ts`.
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"

type Variables = Readonly<Record<string, string | undefined>>

/** The name of the profile, or of the source where there is no profile. */
export const profileVariable = "ALICLOUD_CREDENTIALS_PROFILE"

/** When the session ends that the command was started with. */
export const expirationVariable = "ALICLOUD_CREDENTIALS_EXPIRATION"

/** The settings that `exec` has made, and their values, as in the query of a URL. */
const marker = "ALICLOUD_CREDENTIALS_EXEC"

export const mark = (settings: Readonly<Record<string, string>>): Variables => ({
  [marker]: new URLSearchParams(settings).toString()
})

/** The settings of an `exec` around this one that are still as it made them; `undefined` outside of one. */
export const settingsIn = (variables: Variables): Readonly<Record<string, string>> | undefined => {
  const marked = variables[marker]
  return marked === undefined
    ? undefined
    : Object.fromEntries([...new URLSearchParams(marked)].filter(([name, value]) => variables[name] === value))
}

/**
 * Runs a command that chooses a profile or a source without the settings of an `exec` around it: they keep SDKs from all
 * sources but one.
 */
export const withoutSettings = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.configProviderWith((provider) => {
    const settings = settingsIn(process.env) ?? {}
    return Effect.withConfigProvider(
      self,
      ConfigProvider.mapInputPath(provider, (name) => Object.hasOwn(settings, name) ? `${name} of exec` : name)
    )
  })
