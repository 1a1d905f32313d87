/** The command lines of programs that options name, for `External` and `OidcToken.executable`. */
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { atOptions, invalidConfig } from "../../CredentialsError.ts"
import * as Text from "../../unstable/Text.ts"
import { expandHome } from "../../unstable/TextFile.ts"
import { split } from "./argv.ts"

/** Without a shell the first word of `TOKEN=… program` is the secret; a URL may hold one, too. */
const looksLikePath = (word: string): boolean => !/[=@?]|:\/\//.test(word)

export interface Program {
  /** Its base name in quotes, or words that do not name it. */
  readonly name: string
  /** The program and its arguments; a leading `~/` is the home directory of the moment. */
  readonly argv: Effect.Effect<readonly [string, ...Array<string>]>
}

/** Splits a command line without a shell. */
export const parse = (
  source: string,
  option: string,
  commandLine: string
): Effect.Effect<Program, InvalidConfig, Path.Path> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const words = split(commandLine, path.sep === "\\")
    if (Either.isLeft(words)) {
      return yield* invalidConfig(source, atOptions(option), words.left)
    }
    const [command, ...args] = words.right
    const baseName = path.basename(command)
    return {
      name: looksLikePath(command) && /^[\w.-]+$/.test(baseName) ? Text.name(baseName) : "the program",
      argv: Effect.map(expandHome(command), (program) => [program, ...args] as const)
    }
  })
