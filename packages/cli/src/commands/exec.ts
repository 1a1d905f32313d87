/** The `exec` command: runs a program, or the user's shell, with the credentials, from a private server or as variables. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import { printable } from "@effect-alicloud/credentials/unstable/Text"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as child from "../internal/child.ts"
import { childEnvironment, emptyFile } from "../internal/childEnvironment.ts"
import type { ExitCode } from "../internal/failure.ts"
import { BadUsage, Refused } from "../internal/failure.ts"
import * as formats from "../internal/formats.ts"
import * as outerExec from "../internal/outerExec.ts"
import { step } from "../internal/progress.ts"
import { Screen } from "../internal/screen.ts"
import * as selection from "../internal/selection.ts"
import { userShell } from "../internal/shell.ts"
import { stoppable } from "../internal/signals.ts"
import { Sources } from "../internal/sources.ts"
import * as messages from "../messages/exec.ts"
import { resolving } from "../messages/serve.ts"
import type { Guard } from "../server/circle.ts"
import { make as makeGuard } from "../server/circle.ts"
import { refresh } from "../server/session.ts"

export interface Options extends selection.Selection {
  readonly static: boolean
  readonly command: ReadonlyArray<string>
}

/** The address of a server that lives as long as the scope. */
const served: (
  circle: Guard,
  provider: CredentialsProvider.Service,
  found: Credentials
) => Effect.Effect<Record<string, string>, Refused, Scope.Scope> = Effect.fnUntraced(
  function*(circle, provider, found) {
    if (found._tag !== "Sts") {
      return yield* new Refused({ message: messages.needsStatic(found) })
    }
    const [{ serve }, { random }] = yield* Effect.promise(() =>
      Promise.all([import("../server/PrivateServer.ts"), import("../server/secret.ts")])
    )
    const { uri } = yield* serve(provider, found, { host: "127.0.0.1", port: 0, token: random(), imds: false, circle })
    return { ALIBABA_CLOUD_CREDENTIALS_URI: Redacted.value(uri) }
  }
)

/** As shells do: 127 when there is no such command, 126 when there is and it does not run. */
const cannotRun = (file: string, code: string): Effect.Effect<ExitCode> =>
  Effect.as(Console.error(messages.cannotRun(file, code)), code === "ENOENT" ? 127 : 126)

/** The aliyun CLI has rules of its own, and breaks them without a word. */
const hint = (
  [file = "", ...args]: ReadonlyArray<string>,
  isStatic: boolean,
  region: string | undefined
): Effect.Effect<void> =>
  !/(?:^|[\\/])aliyun(?:\.exe)?$/i.test(file)
    ? Effect.void
    : !isStatic
    ? Console.error(messages.aliyunReadsNoUri(region))
    : args.some((arg) => /^--region(?:=|$)/.test(arg))
    ? Effect.void
    : Console.error(messages.aliyunForgetsRegion(region))

interface About {
  /** The name of the role, the profile or the source, whatever there is first. */
  readonly name: string | undefined
  readonly region: string | undefined
  readonly expiration: string | undefined
}

/** What a command without a selection of its own has in the child of another `exec`: all from there. */
const aboutOuter = (settings: Readonly<Record<string, string>>, found: Credentials): About => ({
  name: process.env[outerExec.profileVariable],
  region: settings["ALIBABA_CLOUD_REGION_ID"],
  expiration: formats.expiration(found) ?? process.env[outerExec.expirationVariable]
})

const aboutOwn = Effect.fnUntraced(
  function*({ profile, source }: Options, provider: CredentialsProvider.Service, found: Credentials) {
    const sources = yield* Sources
    const { winner } = yield* provider.report
    const name = Option.getOrUndefined(Option.isSome(profile) ? source : winner)
    const used = sources.find((one) => name === undefined ? one.profileInUse !== undefined : one.name === name)
    const inUse = yield* used?.profileInUse?.(Option.getOrUndefined(profile)) ?? Effect.succeed(undefined)
    const label = inUse?.name ?? Option.getOrElse(profile, () => name)
    return {
      name: label === undefined ? undefined : printable(label),
      region: inUse?.region,
      expiration: formats.expiration(found)
    }
  }
)

/** Whose credentials they are, and for which region. */
const about = (options: Options, provider: CredentialsProvider.Service, found: Credentials) => {
  const outer = outerExec.settingsIn(process.env)
  const isOuter = outer !== undefined && Option.isNone(options.profile) && Option.isNone(options.source)
  return Effect.map(
    isOuter ? Effect.succeed(aboutOuter(outer, found)) : aboutOwn(options, provider, found),
    (about): About => ({
      ...about,
      name: Option.match(options.role, { onNone: () => about.name, onSome: ({ arn }) => arn.replace(/^.*:role\//, "") })
    })
  )
}

/** Runs the command to its end, which signals reach through `child`. What it was given exists as long as it does. */
const runChild = (options: Options, circle: Guard, provider: CredentialsProvider.Service, found: Credentials) =>
  Effect.scoped(Effect.gen(function*() {
    const { expiration, name, region } = yield* about(options, provider, found)
    const credentials = yield* options.static ? formats.allVariables(found) : served(circle, provider, found)
    const prompt = { [outerExec.profileVariable]: name, [outerExec.expirationVariable]: expiration }
    const environment = childEnvironment(
      yield* Sources,
      process.env,
      { credentials, about: prompt, region },
      yield* emptyFile(process.env)
    )
    const command = options.command.length > 0 ? options.command : [userShell(process.env, process.platform)]
    const [file = ""] = command
    if (options.command.length === 0 && process.stdin.isTTY && (yield* Screen).err.isTTY) {
      yield* Console.error(messages.startingShell(file, name))
    }
    yield* hint(command, options.static, region)
    return yield* child.run(command, environment).pipe(
      Effect.catchTag("CannotRun", ({ code }) => cannotRun(file, code))
    )
  }))

/** Ends with the exit code of the command. A signal ends it only while it looks for credentials. */
export const run = Effect.fnUntraced(function*(options: Options) {
  if (options.command[0] === "") {
    return yield* new BadUsage({ message: messages.emptyCommand })
  }
  const circle = makeGuard()
  const provider = yield* CredentialsProvider.make(circle.mark(yield* selection.source(options)), { refresh })
  const found = yield* stoppable(step(resolving, provider.get))
  return yield* runChild(options, circle, provider, found)
})
