/**
 * The environment as sources read it, and the main file of this folder: what a source takes from the machine around it
 * (variables, the home directory, the default session name, the switch of external programs). Every source captures an
 * `Env` when it is made.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { atVariables, invalidConfig } from "../../CredentialsError.ts"

/**
 * Whether variables that are part of an identity may fill in for options. Not for the fields of a profile: they are
 * never mixed with the environment.
 */
export class IdentityVariables
  extends Context.Reference<IdentityVariables>()("@effect-alicloud/credentials/internal/IdentityVariables", {
    defaultValue: (): boolean => true
  })
{}

/**
 * The environment that was current when a source was made. A variable that is empty or white space counts as not set;
 * surrounding white space is dropped.
 */
export interface Env {
  readonly text: (name: string) => Effect.Effect<string | undefined, InvalidConfig>
  /** A variable that may fill in for an option that chooses an identity, where `IdentityVariables` allows that. */
  readonly identity: (name: string) => Effect.Effect<string | undefined, InvalidConfig>
  readonly secret: (name: string) => Effect.Effect<Redacted.Redacted | undefined, InvalidConfig>
  /** Only the word `true`, in any case, is true, as for the official clients. */
  readonly isTrue: (name: string) => Effect.Effect<boolean, InvalidConfig>
}

const unreadable = "it cannot be read"

export const capture = (source: string): Effect.Effect<Env> =>
  Effect.gen(function*() {
    const provider = yield* Effect.configProviderWith(Effect.succeed)
    const mayFillIn = yield* IdentityVariables
    const secret = (name: string): Effect.Effect<Redacted.Redacted | undefined, InvalidConfig> =>
      Config.option(Config.redacted(name)).pipe(
        Effect.withConfigProvider(provider),
        Effect.mapError((error) => ConfigError.isMissingDataOnly(error) ? "it is missing" : unreadable),
        // Deno throws where a variable may not be read.
        Effect.catchAllDefect(() => Effect.fail(unreadable)),
        Effect.mapError((issue) => invalidConfig(source, atVariables(name), issue)),
        Effect.map((value) => {
          const trimmed = Option.isSome(value) ? Redacted.value(value.value).trim() : ""
          return trimmed === "" ? undefined : Redacted.make(trimmed)
        })
      )
    const text = (name: string): Effect.Effect<string | undefined, InvalidConfig> =>
      Effect.map(secret(name), (value) => value === undefined ? undefined : Redacted.value(value))
    const identity: Env["identity"] = (name) => mayFillIn ? text(name) : Effect.succeed(undefined)
    return {
      text,
      identity,
      secret,
      isTrue: (name) => Effect.map(text(name), (value) => value?.toLowerCase() === "true")
    }
  })
