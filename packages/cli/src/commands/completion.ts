/** The `completion` command: prints the completion script of a shell. */
import * as Effect from "effect/Effect"
import { scripts } from "../completions/scripts.ts"
import * as screen from "../internal/screen.ts"
import type { Shell } from "../program.ts"

export const run = ({ shell }: { readonly shell: Shell }) => Effect.as(screen.write(scripts[shell]), 0)
