/** What to do when a login has ended, for the sources `OAuth` and `CloudSso` and their profiles. */
import * as Text from "../../unstable/Text.ts"

type Mode = "CloudSSO" | "OAuth"

const argument = (name: string): string => {
  const label = Text.label(name)
  return /^[\w.@%+=:,][\w.@%+=:,-]*$/.test(label) ? label : `'${label.replaceAll("'", String.raw`'\''`)}'`
}

/** The command that logs a profile in. */
export const command = (profile: string): string => `alicloud-credentials login --profile ${argument(profile)}`

/** The command of the aliyun CLI that does so. Without a profile it would overwrite the current one. */
export const otherCommand = (profile: string, mode: Mode): string =>
  `aliyun configure --profile ${argument(profile)} --mode ${mode}`

/** The hint for a profile of `config.json`. */
export const ofProfile = (profile: string, mode: Mode): string =>
  `Log in again: run \`${command(profile)}\` (or \`${otherCommand(profile, mode)}\`).`

/** The hint for a login that was given in code. */
export const ofCode = (mode: Mode): string =>
  `Log in again, for example with \`alicloud-credentials login --mode ${mode}\`, and use the new tokens.`
