/** `--profile`, `--source` and `--strict`, as `program.ts` reads them: the source that a command uses. */
import type { CredentialsError, InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as Source from "@effect-alicloud/credentials/Source"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as messages from "../messages/common.ts"
import { BadUsage } from "./failure.ts"
import { Failures, remembered } from "./log.ts"
import { step } from "./progress.ts"
import { Sources } from "./sources.ts"

/** Which credentials a command is about: those of the default chain, of one source, or of one profile. */
export interface Selection {
  readonly profile: Option.Option<string>
  readonly source: Option.Option<string>
  /** Of the chain: whether it ends at a source that is configured but broken. */
  readonly strict: boolean
}

/** The same chain with each of its sources changed by `f`. */
export const mapSources = (
  source: Source.Source,
  f: (source: Source.Source) => Source.Source
): Source.Source =>
  source.chain === undefined
    ? f(source)
    : Source.orElse(
      mapSources(source.chain.first, f),
      mapSources(source.chain.second, f),
      source.chain
    )

/** The source that was selected: a chain, or a single one. A profile alone is one of the first source that has some. */
export const source = Effect.fnUntraced(function*(
  { profile, source, strict }: Selection
): Effect.fn.Return<Source.Source, InvalidConfig | BadUsage, DefaultChain.Requirements> {
  const sources = yield* Sources
  const failures = yield* Failures
  if (Option.isNone(profile) && Option.isNone(source)) {
    const chain = yield* DefaultChain.make({ sources, fallThrough: strict ? "unavailable" : "anyFailure" })
    return mapSources(chain, (leaf) => remembered(leaf, failures))
  }
  const withProfiles = sources.filter(({ fromProfile }) => fromProfile !== undefined)
  const chosen = Option.isNone(source) ? withProfiles[0] : sources.find(({ name }) => name === source.value)
  const made = Option.isNone(profile) ? chosen?.fromEnv : chosen?.fromProfile?.(profile.value)
  return yield* made ??
    new BadUsage({ message: messages.profileOf(chosen?.name, withProfiles.map(({ name }) => name)) })
})

/** The provider of the selected source, with a progress line that names the source being tried. */
export const provider = (
  selection: Selection
): Effect.Effect<
  CredentialsProvider.Service,
  CredentialsError | BadUsage,
  DefaultChain.Requirements | Scope.Scope
> =>
  Effect.flatMap(source(selection), (selected) =>
    CredentialsProvider.make(
      mapSources(selected, (leaf) => ({ ...leaf, get: step(messages.gettingFrom(leaf.name), leaf.get) }))
    ))
