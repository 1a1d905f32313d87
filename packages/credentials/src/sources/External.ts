/**
 * Credentials that an external program prints (`process_command`). `CliProfile` uses it for the mode External.
 *
 * The program runs without a shell and prints one JSON object with `mode` (`AK` or `StsToken`), `access_key_id`,
 * `access_key_secret`, `sts_token` and `expiration`, a time such as `2026-01-02T03:04:05Z`. Other forms of a time are
 * read where they can mean one moment only; with any other text the credentials count as without an expiration.
 *
 * See [the modes of the aliyun CLI](https://www.alibabacloud.com/help/en/cli/configure-credentials/).
 *
 * @module
 * @since 0.1.0
 */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as Path from "@effect/platform/Path"
import type * as EffectConfig from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Credentials from "../Credentials.ts"
import type { InvalidConfig } from "../CredentialsError.ts"
import { SourceFailed } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as externalSwitch from "../internal/environment/switches.ts"
import { CurrentTrail } from "../internal/profile/circle.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import { DurationInput, NonEmptyText, unwrap, validate } from "../internal/source/options.ts"
import * as printedTime from "../internal/source/printedTime.ts"
import * as process from "../internal/source/process.ts"
import { parse } from "../internal/source/program.ts"
import * as Source from "../Source.ts"
import * as Text from "../unstable/Text.ts"

const name = "External"

/**
 * The services that run the program.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements = CommandExecutor.CommandExecutor | Path.Path

/**
 * The program, and its time limit.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /**
   * The program and its arguments, split without a shell as the aliyun CLI splits them: white space separates, quotes
   * and backslashes keep it.
   */
  readonly processCommand: string
  /** The time limit of the program. Default 60 seconds; a bare number is milliseconds. */
  readonly timeout?: Duration.DurationInput | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  processCommand: NonEmptyText,
  timeout: Schema.optional(DurationInput)
}).annotations({ identifier: "External.Config" })

const Secret = Schema.Redacted(NonEmptyText)

const Output = Schema.Struct({
  mode: Schema.optional(Schema.NullOr(Schema.String)),
  access_key_id: NonEmptyText,
  access_key_secret: Secret,
  sts_token: Schema.optional(Schema.NullOr(Schema.Redacted(Schema.String))),
  expiration: Schema.optional(Schema.Unknown)
})

const SessionOutput = Schema.Struct({ ...Output.fields, sts_token: Secret })

const decodeOutput = secretJson.decode(Output)
const decodeSession = secretJson.decode(SessionOutput)

/** What a program prints in the place of an expiration that it does not know. */
const isUnset = (value: unknown): boolean => (value ?? 0) === 0 || (typeof value === "string" && value.trim() === "")

/** The output of a program as credentials: a pair in mode `AK`, a session in mode `StsToken`. */
const read = (
  text: string,
  unreadable: Effect.Effect<void>
): Effect.Effect<Credentials.Signing, ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const json = yield* secretJson.parse(text)
    const output = yield* decodeOutput(json)
    const expiration = Option.getOrUndefined(printedTime.parse(output.expiration))
    if (expiration === undefined && !isUnset(output.expiration)) yield* unreadable
    const mode = output.mode || (output.sts_token ? "StsToken" : "AK")
    const keys = {
      providerName: "external",
      accessKeyId: output.access_key_id,
      accessKeySecret: output.access_key_secret,
      expiration
    }
    if (mode === "AK") {
      return Credentials.accessKey({ type: "access_key", ...keys })
    }
    if (mode === "StsToken") {
      const { sts_token: securityToken } = yield* decodeSession(json)
      return Credentials.sts({ type: "sts", ...keys, securityToken })
    }
    return yield* Effect.fail([`mode ${Text.word(mode)} is not one of AK, StsToken`])
  })

/**
 * Makes the source. The program's environment is that of this process. It prints one JSON object: `mode` (`AK` or
 * `StsToken`), `access_key_id`, `access_key_secret`, `sts_token`, `expiration`. Credentials without an expiration are
 * used for 15 minutes before the program runs again. `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` (`true` or `1`)
 * forbids it. Errors show the exit code and the program's base name, never the command line or the output.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (config: Config): Effect.Effect<Source.Source, InvalidConfig, Requirements> =>
  Effect.gen(function*() {
    const options = yield* validate(name, Config)(config)
    const { argv, name: program } = yield* parse(name, "processCommand", options.processCommand)
    const timeout = Duration.decode(options.timeout ?? "60 seconds")
    const environment = yield* env.capture(name)
    const context = yield* Effect.context<CommandExecutor.CommandExecutor>()
    const failed = (reason: "Process" | "Malformed", detail: string): SourceFailed =>
      new SourceFailed({ source: name, reason, detail, retryable: true })
    let warned = false
    const unreadable = Effect.suspend(() => {
      if (warned) return Effect.void
      warned = true
      return Effect.annotateLogs(
        Effect.logWarning(
          `The expiration that ${program} printed cannot be read, so its credentials count as without one. Print it as 2026-01-02T03:04:05Z.`
        ),
        { source: name }
      )
    })
    const get = Effect.gen(function*() {
      yield* externalSwitch.check(name, environment)
      const trail = Option.getOrUndefined(yield* CurrentTrail)
      const text = yield* Effect.mapError(
        process.run(yield* argv, timeout, trail),
        ({ exitCode, issue, stderr }) => trail?.circleIn(stderr, exitCode) ?? failed("Process", `${program} ${issue}`)
      )
      return yield* Effect.mapError(
        read(text, unreadable),
        (issues) => failed("Malformed", `what ${program} printed is not usable: ${issues.join("; ")}`)
      )
    })
    return Source.fromEffect(name, Effect.provide(get, context), { undated: "reread" })
  })

/**
 * The source as a provider that keeps the credentials. Invalid options make the layer fail with `InvalidConfig`; the program does not run before the first `get`.
 *
 * @example
 * ```ts
 * import { External } from "@effect-alicloud/credentials"
 *
 * const layer = External.layer({ processCommand: "/opt/bin/get-credentials --profile 'team a'" })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  config: Config,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, Requirements> =>
  CredentialsProvider.layer(make(config), options)

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, Requirements> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
