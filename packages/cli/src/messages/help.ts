/** What `--help` says. */
export const summary = "finds, checks, runs with and hands out Alibaba Cloud credentials"

export const overview: ReadonlyArray<readonly [command: string, does: string]> = [
  ["get", "resolve credentials once and print them"],
  ["whoami", "ask STS whom they belong to"],
  ["doctor", "which identity, from where, why not the others, what to fix"],
  ["exec -- CMD…", "run a command that gets its credentials from here and keeps them fresh"],
  ["serve", "serve them to SDKs of any language on this machine"],
  ["demo", "see the whole story on a fake cloud: no account, no network"]
]

export const anywhere: ReadonlyArray<readonly [option: string, does: string]> = [
  ["--help", "options and examples of a command"],
  ["--log-level LEVEL", "warning unless given; debug says more"],
  ["--version", "the version"],
  ["--completions SHELL", "a completion script for bash, zsh or fish"],
  ["--wizard", "ask for the options one by one"]
]

export const footer = "Also: --log-level LEVEL (warning unless given; debug says more), --wizard, --help."

export const get =
  "Resolves credentials once and prints them. The table hides the secrets; the other formats are made of them."

export const whoami = "Asks STS whom the credentials belong to (GetCallerIdentity)."

export const doctor =
  "One screen: which identity, from where, why not the other sources, and what to fix. Shows no secret. Exit code 0 when credentials resolve."

export const exec =
  "Runs a command whose SDK, in whatever language, gets its credentials from here and keeps them fresh: its chain ends at a private server on this machine that lives as long as the command. Signals and the exit code are passed on."

export const serve =
  "Serves the credentials as a credentials URI for SDKs of any language, on this machine, until it is interrupted."

export const demo = "Tells the whole story on a fake cloud on this machine: no account, no network."

export const profile =
  "A profile of the aliyun CLI, or with --source CredentialsFile a section of the credentials file."

export const source = "Asks this one source instead of the default chain."

export const strict = "Ends at the first source that is configured but broken, instead of asking the next one."

export const format = "For people or for machines."

export const getFormat =
  "table hides secrets; json; env for a POSIX shell; uri as a credentials URI answers; external as a process_command prints."

export const staticKeys =
  "Exports the credentials as they are now instead, a key without a session too. They are not refreshed."

export const command = "The command and its arguments."

export const host = "The address to listen on. Anything but a loopback address lets other machines ask."

export const port = "The port to listen on; 0 lets the system choose."

export const token =
  "The secret part of the address, at least 16 letters, digits, - or _. Random unless given. Others on this machine can read it here: prefer ALICLOUD_CREDENTIALS_SERVE_TOKEN."

export const imds =
  "Also answers as the instance metadata service does, versions 2 and 1. It cannot carry a secret: every process of this machine may ask."

export const startFormat = "How the address is announced: a table for people, or one line of JSON."

export const unexpected =
  "Something went wrong that should not have. Please report it with what --log-level debug says."

export const surplus = (rest: ReadonlyArray<string>): string =>
  `Only exec takes what follows --, here ${rest.length} argument${rest.length === 1 ? "" : "s"}.`
