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

const sentences = {
  circle: "process_command leads back to itself: ",
  long: "process_command leads through too many others: "
} as const

/** The programs that may run in one another. A longer circle is not gone round to its end. */
const mostPrograms = 3

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
    const error = (kind: keyof typeof sentences, circle: string): InvalidConfig =>
      options.wrong(sentences[kind] + circle)
    const isCircle = before.some(({ file, profile }) => file === link.file && profile === link.profile)
    if (isCircle || before.length >= mostPrograms) {
      return yield* error(isCircle ? "circle" : "long", names)
    }
    const trail: Trail = {
      variables: { [variable]: encode(chain) },
      circleIn: (stderr) => {
        for (const kind of ["circle", "long"] as const) {
          const start = sentences[kind] + names + arrow
          const at = stderr.lastIndexOf(start)
          const [found] = at === -1 ? [] : rest.exec(stderr.slice(at + start.length)) ?? []
          if (found !== undefined) return error(kind, names + arrow + found)
        }
        return undefined
      }
    }
    const inner = yield* made
    return { ...inner, get: Effect.provideService(inner.get, CurrentTrail, Option.some(trail)) }
  })
