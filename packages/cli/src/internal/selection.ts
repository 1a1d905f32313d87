/** `--profile`, `--source`, `--strict` and `--role-arn`, as `program.ts` reads them: the source that a command uses. */
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as Environment from "@effect-alicloud/credentials/Environment"
import * as Source from "@effect-alicloud/credentials/Source"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as messages from "../messages/common.ts"
import { BadUsage } from "./failure.ts"
import { Failures, remembered } from "./log.ts"
import { type Machine, onDemand, onMachine } from "./machine.ts"
import { step } from "./progress.ts"
import type { Role } from "./role.ts"
import * as sessionCache from "./sessionCache.ts"
import { Sources } from "./sources.ts"

/** Which credentials a command is about: of the default chain, of one source or of one profile; or of a role on top. */
export interface Selection {
  readonly profile: Option.Option<string>
  readonly source: Option.Option<string>
  /** Of the chain: whether it ends at a source that is configured but broken. */
  readonly strict: boolean
  readonly role: Option.Option<Role>
  /** Whether sessions of roles are kept in files for other commands. */
  readonly cache: boolean
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

/** A chain, or a single source. A profile alone is one of the first source that has some. */
const selected = <R>(
  { profile, source, strict }: Selection,
  sources: ReadonlyArray<Source.Definition<R>>
): Effect.Effect<Source.Source, InvalidConfig | BadUsage, R> =>
  Effect.gen(function*() {
    const failures = yield* Failures
    if (Option.isNone(profile) && Option.isNone(source)) {
      const chain = yield* DefaultChain.make({ sources, fallThrough: strict ? "unavailable" : "anyFailure" })
      const context = yield* Effect.context<R>()
      const profileOf = ({ name }: Source.Source): Effect.Effect<string | undefined> => {
        const inUse = sources.find((definition) => definition.name === name)?.profileInUse?.(undefined)
        return inUse === undefined
          ? Effect.succeed(undefined)
          : Effect.map(Effect.provide(inUse, context), (found) => found?.name)
      }
      return mapSources(chain, (leaf) => remembered(leaf, failures, profileOf(leaf)))
    }
    const withProfiles = sources.filter(({ fromProfile }) => fromProfile !== undefined)
    const chosen = Option.isNone(source) ? withProfiles[0] : sources.find(({ name }) => name === source.value)
    const made = Option.isNone(profile) ? chosen?.fromEnv : chosen?.fromProfile?.(profile.value)
    return yield* made ??
      new BadUsage({ message: messages.profileOf(chosen?.name, withProfiles.map(({ name }) => name)) })
  })

type Made<A, R> = Effect.Effect<A, InvalidConfig | BadUsage, Machine | Scope.Scope | R>

const sourceOf = <R>(selection: Selection, sources: ReadonlyArray<Source.Definition<R>>): Made<Source.Source, R> =>
  Effect.flatMap(selected(selection, sources), (found): Made<Source.Source, R> =>
    Option.match(selection.role, {
      onNone: () => Effect.succeed(found),
      onSome: (wanted) =>
        Effect.gen(function*() {
          const caller = yield* CredentialsProvider.make(found)
          const { assumed } = yield* Effect.promise(() => import("./assumedRole.ts"))
          return yield* onMachine(assumed(caller, wanted))
        })
    })).pipe(sessionCache.provided(selection.cache))

const providerOf = <R>(
  selection: Selection,
  sources: ReadonlyArray<Source.Definition<R>>
): Made<CredentialsProvider.Service, R> =>
  Effect.flatMap(sourceOf(selection, sources), (found) =>
    CredentialsProvider.make(
      mapSources(found, (leaf) => ({
        ...leaf,
        get: step(Option.isSome(selection.role) ? messages.assumingRole : messages.gettingFrom(leaf.name), leaf.get)
      }))
    ))

/**
 * The source that was selected. Below a role it has a provider of its own, so that it warns, and remembers its winner, as
 * without one.
 */
export const source = (selection: Selection): Made<Source.Source, DefaultChain.Requirements> =>
  Effect.flatMap(Sources, (sources) => sourceOf(selection, sources))

/** The provider of the selected source, with a progress line that names the source being tried, or says that a role is. */
export const provider = (selection: Selection): Made<CredentialsProvider.Service, DefaultChain.Requirements> =>
  Effect.flatMap(Sources, (sources) => providerOf(selection, sources))

/** The same for a single `get`: a source is loaded, and what it needs of the machine is made, when it is tried. */
export const providerOnDemand = (selection: Selection): Made<CredentialsProvider.Service, never> =>
  Effect.flatMap(Sources, (sources) =>
    providerOf<Machine>(
      selection,
      sources.map((definition) =>
        definition.name === Environment.definition.name ? Environment.definition : onDemand(definition)
      )
    ))
