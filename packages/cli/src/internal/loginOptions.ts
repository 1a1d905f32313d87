/** The options of `login` and what was given for them. For `program.ts`. */
import * as Option from "effect/Option"
import type { Options } from "../commands/login.ts"
import * as help from "../messages/help.ts"
import * as usage from "../messages/usage.ts"
import { choice, type Line, text, valued } from "./line.ts"

export const addLogin = (command: Line): void => {
  text(command, "-p, --profile <name>", help.loginProfile)
  choice(command, "--mode <mode>", help.mode, ["OAuth", "CloudSSO"])
  choice(command, "--site <site>", help.site, ["CN", "INTL"])
  text(command, "--sign-in-url <url>", help.signInUrl)
  text(command, "--account <account>", help.account)
  text(command, "--access-configuration <name>", help.accessConfiguration)
  valued(command, "--region <region>", help.region, {
    read: (text) => /^[A-Za-z0-9-]+$/.test(text) ? text : undefined,
    expected: usage.notARegion
  })
  command.option("--no-browser", help.noBrowser)
    .option("--overwrite", help.overwrite)
    .option("--use", help.useIt)
}

const cloudSsoOnly = { signInUrl: "--sign-in-url", account: "--account", accessConfiguration: "--access-configuration" }

export const loginOf = (command: Line, given: Record<string, unknown>): Options => {
  const optional = <A>(name: string): Option.Option<A> => Option.fromNullable(given[name] as A | undefined)
  const mode = optional<"OAuth" | "CloudSSO">("mode")
  const [foreign] = Object.entries(cloudSsoOnly).filter(([name]) => given[name] !== undefined)
  if (foreign !== undefined && Option.contains(mode, "OAuth")) {
    return command.refuse(usage.onlyWithMode(foreign[1], "CloudSSO"))
  }
  if (given["site"] !== undefined && (foreign !== undefined || Option.contains(mode, "CloudSSO"))) {
    return command.refuse(usage.onlyWithMode("--site", "OAuth"))
  }
  return {
    profile: optional("profile"),
    mode,
    site: optional("site"),
    signInUrl: optional("signInUrl"),
    account: optional("account"),
    accessConfiguration: optional("accessConfiguration"),
    region: optional("region"),
    browser: given["browser"] !== false,
    overwrite: given["overwrite"] === true,
    use: given["use"] === true
  }
}
