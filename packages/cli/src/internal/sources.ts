/**
 * The sources of the tool. Everything that depends on them is read from their definitions: `--source`, the
 * places and variables of `doctor`, and what the child of `exec` does not inherit.
 */
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import type * as Source from "@effect-alicloud/credentials/Source"
import * as Context from "effect/Context"

export type Definition = Source.Definition<DefaultChain.Requirements>

/** In the order of the chain. Tests add sources of their own. */
export class Sources extends Context.Reference<Sources>()("@effect-alicloud/cli/Sources", {
  defaultValue: (): ReadonlyArray<Definition> => DefaultChain.sources
}) {}
