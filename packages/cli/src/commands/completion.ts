/** The `completion` command: prints the completion script of a shell. */
import * as Effect from "effect/Effect"
import type { Shell } from "../chosen.ts"
import { scripts } from "../completions/scripts.ts"
import * as screen from "../internal/screen.ts"

export const run = ({ shell }: { readonly shell: Shell }) => Effect.as(screen.write(scripts[shell]), 0)
