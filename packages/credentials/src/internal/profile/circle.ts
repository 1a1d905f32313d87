/**
 * Keeps the program of an `External` profile from leading back to that profile through other processes: a variable in
 * the program's environment names the profiles whose programs are running, for `CliProfile` in this and later processes.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InvalidConfig } from "../../CredentialsError.ts"
import type { Source } from "../../Source.ts"
import * as Circle from "../../unstable/Circle.ts"
import type { Env } from "../environment/env.ts"

/** What `External` gives its program, and how it finds out that the program led back to the profile. */
export interface Trail {
  readonly variables: Readonly<Record<string, string>>
  /** How many programs may run in its program. */
  readonly inner: number
  /**
   * The error of this profile, when what the program wrote to standard error ends with one of the same circle, or its
   * exit code says so.
   */
  readonly circleIn: (stderr: string, exitCode: number | undefined) => InvalidConfig | undefined
}

/** The trail of the source that is being asked; none for a source without a profile. */
export class CurrentTrail
  extends Context.Reference<CurrentTrail>()("@effect-alicloud/credentials/internal/CurrentTrail", {
    defaultValue: (): Option.Option<Trail> => Option.none()
  })
{}

const name = String.raw`"[^"\n]{0,100}"`

const rest = new RegExp(`^${name}(?: -> ${name}){0,20}`)

/**
 * The source of a profile whose program may ask for profiles. Fails when the program of that profile, or one that it
 * started, is what asks.
 */
export const guard = <R>(
  made: Effect.Effect<Source, InvalidConfig, R>,
  options: {
    readonly link: { readonly file: string; readonly profile: string }
    readonly environment: Env
    readonly wrong: (issue: string, names: ReadonlyArray<string>) => InvalidConfig
  }
): Effect.Effect<Source, InvalidConfig, R> =>
  Effect.gen(function*() {
    const { environment, link } = options
    const before = yield* Circle.current(environment)
    const chain = [...before, link]
    const names = chain.map(Circle.nameOf)
    const wrong = (names: ReadonlyArray<string>): InvalidConfig =>
      options.wrong(`process_command ${Circle.sentence(names)}`, names)
    const programs = before.filter((other) => "file" in other)
    if (
      programs.length >= Circle.most ||
      programs.some(({ file, profile }) => file === link.file && profile === link.profile)
    ) {
      return yield* wrong(names)
    }
    const trail: Trail = {
      variables: { [Circle.variable]: Circle.encode(chain) },
      inner: Circle.most - 1 - programs.length,
      circleIn: (stderr, exitCode) => {
        for (const sentence of Object.values(Circle.sentences)) {
          const start = `${sentence}${Circle.path(names)} -> `
          const at = stderr.lastIndexOf(start)
          const [found] = at === -1 ? [] : rest.exec(stderr.slice(at + start.length)) ?? []
          if (found !== undefined) return wrong([...names, ...found.slice(1, -1).split("\" -> \"")])
        }
        return exitCode === Circle.exitCode
          ? options.wrong(
            `process_command leads back to itself, or through too many others: ${Circle.path(names)} -> …`,
            names
          )
          : undefined
      }
    }
    const inner = yield* made
    return { ...inner, get: Effect.provideService(inner.get, CurrentTrail, Option.some(trail)) }
  })
