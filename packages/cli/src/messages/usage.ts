/** Texts about wrong command lines, for `program.ts`. */
import { printable } from "@effect-alicloud/credentials/unstable/Text"
import type { Option } from "commander"

const quoted = (text: string): string => `"${printable(text)}"`

/** The end of every message about a wrong command line. */
export const seeHelp = (command: string): string => `See ${command} --help.`

const suggestion = (near: string | undefined): string => near === undefined ? "" : ` Did you mean ${near}?`

export const unknownOption = (flag: string, near: string | undefined): string =>
  `Unknown option ${quoted(flag)}.${suggestion(near)}`

export const unknownCommand = (given: string, near: string | undefined): string =>
  `Unknown command ${quoted(given)}.${suggestion(near === undefined ? undefined : quoted(near))}`

export const optionBeforeCommand = (flag: string, command: string): string =>
  `${flag} goes after the command, as in: alicloud-credentials ${command} ${flag} …`

/** `-p needs a profile name.` */
export const missingValue = ({ flags, long, short }: Option): string => {
  return `${[short, long].filter((flag) => flag !== undefined).join(", ")} needs a value: ${
    flags.slice(flags.indexOf("<"))
  }.`
}

export const noValue = (flag: string): string => `${flag} takes no value.`

export const missingArgument = (argument: string): string => `The ${argument} is missing.`

export const emptyValue = (flag: string): string => `${flag} must not be empty.`

export const givenTwice = (flag: string): string => `${flag} was given twice.`

export const surplus = (argument: string): string => `Unexpected argument ${quoted(argument)}.`

const list = (values: ReadonlyArray<string>): string => `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`

export const notOneOf = (flags: string, values: ReadonlyArray<string>, near: string | undefined): string =>
  `${/--[\w-]+/.exec(flags)?.[0] ?? flags} must be ${list(values)}.${suggestion(near)}`

export const notAPort = (text: string): string => `--port must be a number from 0 to 65535, not ${quoted(text)}.`

export const strictAlone = (strict: boolean): string =>
  `--${strict ? "" : "no-"}strict cannot be combined with --source or --profile.`

export const shellWithoutEnv = "--shell goes with --format env or --unset."

export const unsetWithFormat = (format: string): string => `--unset cannot be combined with --format ${format}.`

export const unsetInDotenv = "A .env file cannot unset variables: --unset cannot be combined with --shell dotenv."

export const notARegion = (text: string): string =>
  `--region must be a region such as cn-hangzhou, not ${quoted(text)}.`

export const onlyWithMode = (flag: string, mode: string): string => `${flag} goes with --mode ${mode}.`

const role = "acs:ram::1234567890123456:role/deploy"

export const notAnArn = (text: string): string =>
  `--role-arn must be the ARN of a role such as ${role}, not ${quoted(text)}.`

export const notADuration = (text: string): string =>
  `--duration must be from 15m to 12h, for example 3600, 60m or 1h, not ${quoted(text)}.`

export const notAPolicy = "--policy must be a JSON object, or file:// and the path of a file with one."

export const policyFile = (path: string, issue: string): string => `--policy cannot be read from ${path}: ${issue}.`

export const formatOfClear = "--format goes with cache list."

export const withoutRole = (flag: string): string => `${flag} goes with --role-arn.`
