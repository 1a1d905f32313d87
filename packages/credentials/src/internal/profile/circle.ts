/**
 * Keeps the program of an `External` profile from leading back to that profile through other processes: a variable in
 * the program's environment names the profiles whose programs are running, for `CliProfile` in this and later processes.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../../CredentialsError.ts"
import type { Source } from "../../Source.ts"
import * as show from "../../unstable/Text.ts"
import type { Env } from "../environment/env.ts"

const variable = "ALICLOUD_CREDENTIALS_PROCESS_CHAIN"

const Link = Schema.Struct({ file: Schema.String, profile: Schema.String })

const Chain = Schema.parseJson(Schema.Array(Link))

const encode = Schema.encodeSync(Chain)

const decode = Schema.decodeUnknownOption(Chain)

/** What `External` gives its program, and how it finds in the program's errors that it led back to the profile. */
export interface Trail {
  readonly variables: Readonly<Record<string, string>>
  /** The error of this profile, when what the program wrote to standard error ends with one of the same circle. */
  readonly circleIn: (stderr: string) => InvalidConfig | undefined
}

/** The trail of the source that is being asked; none for a source without a profile. */
export class CurrentTrail
  extends Context.Reference<CurrentTrail>()("@effect-alicloud/credentials/internal/CurrentTrail", {
    defaultValue: (): Option.Option<Trail> => Option.none()
  })
{}

const sentence = "process_command leads back to itself: "

const arrow = " -> "

const rest = /^"[^"\n]{0,100}"(?: -> "[^"\n]{0,100}"){0,20}/

/**
 * The source of a profile whose program may ask for profiles. Fails when the program of that profile, or one that it
 * started, is what asks.
 */
export const guard = <R>(
  made: Effect.Effect<Source, InvalidConfig, R>,
  options: {
    readonly link: typeof Link.Type
    readonly environment: Env
    readonly wrong: (issue: string) => InvalidConfig
  }
): Effect.Effect<Source, InvalidConfig, R> =>
  Effect.gen(function*() {
    const { environment, link } = options
    const text = yield* environment.text(variable)
    const before = Option.getOrElse(decode(text), (): typeof Chain.Type => [])
    const chain = [...before, link]
    const names = chain.map(({ profile }) => show.name(profile)).join(arrow)
    const error = (circle: string): InvalidConfig => options.wrong(sentence + circle)
    if (before.some(({ file, profile }) => file === link.file && profile === link.profile)) {
      return yield* error(names)
    }
    const trail: Trail = {
      variables: { [variable]: encode(chain) },
      circleIn: (stderr) => {
        const start = sentence + names + arrow
        const at = stderr.lastIndexOf(start)
        const [found] = at === -1 ? [] : rest.exec(stderr.slice(at + start.length)) ?? []
        return found === undefined ? undefined : error(names + arrow + found)
      }
    }
    const inner = yield* made
    return { ...inner, get: Effect.provideService(inner.get, CurrentTrail, Option.some(trail)) }
  })
