/** Texts of the overview and of `--help`, for `program.ts` and `Cli.ts`. */
import type { Option } from "commander"

export const summary = "Find, check and share Alibaba Cloud credentials."

export const overview: ReadonlyArray<readonly [command: string, does: string]> = [
  ["get", "resolve credentials once and print them"],
  ["whoami", "show the account and identity they belong to"],
  ["doctor", "explain which credentials are used and why, and how to fix problems"],
  ["exec [-- CMD…]", "run a command or your shell with them, refreshed"],
  ["serve", "serve them to other programs on this machine"],
  ["profiles", "list the profiles of the aliyun CLI"],
  ["login", "log in with a browser or to CloudSSO; logout removes the login"],
  ["use PROFILE", "make a profile the current one"],
  ["cache list|clear", "show or remove the sessions of roles that are kept for other commands"],
  ["demo", "watch it work against a simulated cloud (no account or network needed)"]
]

export const anywhere: ReadonlyArray<readonly [option: string, does: string]> = [
  ["help COMMAND", "options and examples of a command; also COMMAND --help"],
  ["completion SHELL", "print the completions of bash, zsh, fish or powershell"],
  ["--log-level LEVEL", "default: warning, for exec and serve info"],
  ["-V, --version", "print the version"]
]

export const logLevel =
  "Log lines from this level on go to the standard error. Default: warning, for exec and serve info."

export const help = "Print this help."

export const version = "Print the version."

export const completion = "Prints the script that completes this tool's commands, options and values in a shell."

export const shell = "The shell."

export const helpCommand = "Prints the help of a command."

export const get =
  "Resolves credentials once and prints them. The table hides secrets; every other format contains them."

export const whoami = "Shows the account and identity the credentials belong to (GetCallerIdentity of STS)."

export const doctor =
  "Explains on one screen which credentials are used and why, and how to fix problems. Shows no secrets. Exits with 0 if there are credentials and STS accepts them."

export const exec =
  "Runs a command, or your shell, with credentials from a private local server, which refreshes them until the command ends. Works with SDKs that read ALIBABA_CLOUD_CREDENTIALS_URI; for others (the aliyun CLI among them) use --static. Forwards signals, and exits with the command's exit code."

export const serve =
  "Serves the credentials to other programs on this machine, as a credentials URI, until interrupted."

export const profiles =
  "Lists the profiles in the aliyun CLI's config.json: mode, region, role, and until when a login lasts. Uses no network and shows no secrets. A star marks the current profile."

export const use =
  "Makes a profile the current one in the aliyun CLI's config.json, for the aliyun CLI and for SDKs. Nothing else in the file changes."

export const login =
  "Logs in with a browser (mode OAuth) or to CloudSSO, and writes the login to the aliyun CLI's config.json, for the aliyun CLI and for SDKs."

export const logout =
  "Removes the login of a profile from the aliyun CLI's config.json, and the sessions of roles that this tool has cached. The profile's settings stay."

export const loginProfile = "The profile to log in. Default: the current one, or default."

export const logoutProfile = "The profile to log out. Default: the current one."

export const mode = "OAuth: an Alibaba Cloud account or RAM user · CloudSSO. Default: that of the profile, or OAuth."

export const site = "The site of the account for OAuth: CN for aliyun.com, INTL for alibabacloud.com."

export const signInUrl = "The address of the CloudSSO user portal."

export const account = "The account for CloudSSO: its id or name."

export const accessConfiguration = "The access configuration for CloudSSO: its id or name."

export const region = "The region of the profile."

export const noBrowser = "Print the address instead of opening it, for a browser on another machine."

export const overwrite = "Replace a profile of another mode."

export const useIt = "Make it the current profile."

export const used = "The profile's name."

export const cache =
  "Shows the sessions of roles that commands keep in files for one another, without secrets, or removes them. They are in $XDG_CACHE_HOME/alicloud-credentials, else in ~/Library/Caches or ~/.cache."

export const cacheAction = "list or clear."

export const demo = "Shows the library at work against a simulated cloud on this machine. No account or network needed."

/** The description of an option, with its values and its default where they say something. */
export const withChoices = ({ argChoices = [], defaultValue, description }: Option): string =>
  [
    description,
    ...(argChoices.every((choice) => description.includes(choice)) ? [] : [`One of ${argChoices.join(", ")}.`]),
    ...(defaultValue === undefined || description.includes("Default") ? [] : [`Default: ${String(defaultValue)}.`])
  ].join(" ")

export const profile =
  "A profile of the aliyun CLI, or with --source CredentialsFile a section of the credentials file."

export const source = "Use only this source."

export const strict = "Fail if a configured source does not work, instead of trying the next one."

export const noStrict = "If a configured source does not work, warn and try the next one."

export const byDefault = " Default."

export const byDefaultWhereSecretsGo = " Default with --format env, uri and external."

export const noCache =
  "Get a new session of a role, and keep it for this command alone. Also ALICLOUD_CREDENTIALS_NO_CACHE=1."

export const roleOptions = "Role options:"

export const roleArn = "Assume this role with the credentials that were found, and use its session."

export const roleSessionName = "The name of the session, as ActionTrail shows it."

export const externalId = "The external id that the role's trust policy requires."

export const sourceIdentity = "Who is behind the session, in audit logs; stays in roles assumed from this one."

export const policy = "A policy that restricts the session: JSON, or file://PATH."

export const duration = "How long the session lasts: seconds, or 60m, or 1h. 15m to 12h. Default: 1h."

export const format = "Output format."

export const getFormat =
  "table: for reading, secrets hidden · json · env: lines that set variables · uri: body of a credentials URI · external: for process_command."

export const syntax =
  "The syntax of --format env and --unset: sh (bash, zsh and others), fish, powershell, or dotenv for a .env file. Default: that of $SHELL."

export const unset = "Print what unsets the variables of --format env. Nothing is resolved."

export const staticKeys =
  "Put the current keys into the environment instead. Works with tools that read keys from variables, and with plain AccessKeys; nothing is refreshed."

export const command = "The command and its arguments. Default: your shell."

export const host = "The address to listen on. Addresses other than loopback let other machines fetch the credentials."

export const port = "The port to listen on. 0 lets the system choose."

export const token =
  "Secret part of the URL (16+ letters, digits, - or _; random by default). Command lines are visible to other users: prefer the variable ALICLOUD_CREDENTIALS_SERVE_TOKEN."

export const imds =
  "Also act as the ECS metadata service (v1 and v2). It has no token: every process on this machine can read the credentials."

export const startFormat = "Print the address as a table or as one line of JSON."

export const unexpected =
  "Internal error. Please report it with the output of: alicloud-credentials --log-level debug …"
