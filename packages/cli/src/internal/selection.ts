import * as CliProfile from "@effect-alicloud/credentials/CliProfile"
import type { CredentialsError, InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsFile from "@effect-alicloud/credentials/CredentialsFile"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as CredentialsUri from "@effect-alicloud/credentials/CredentialsUri"
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as EcsRamRole from "@effect-alicloud/credentials/EcsRamRole"
import * as Environment from "@effect-alicloud/credentials/Environment"
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import * as Source from "@effect-alicloud/credentials/Source"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as messages from "../messages/common.ts"
import { BadUsage } from "./failure.ts"
import { step } from "./progress.ts"
import type { SourceName } from "./sourceNames.ts"

/** Which credentials a command is about: those of the default chain, of one source, or of one profile. */
export interface Selection {
  readonly profile: Option.Option<string>
  readonly source: Option.Option<SourceName>
  readonly strict: boolean
}

type Made = Effect.Effect<Source.Source, InvalidConfig, DefaultChain.Requirements>

const sources: Readonly<Record<SourceName, (profileName: string | undefined) => Made>> = {
  Environment: () => Environment.fromEnv,
  OidcRoleArn: () => OidcRoleArn.fromEnv,
  CliProfile: (profileName) => CliProfile.make({ profileName }),
  CredentialsFile: (profileName) => CredentialsFile.make({ profileName }),
  EcsRamRole: () => EcsRamRole.fromEnv,
  CredentialsUri: () => CredentialsUri.fromEnv
}

const hasProfiles = (name: SourceName): boolean => name === "CliProfile" || name === "CredentialsFile"

const check = ({ profile, source, strict }: Selection): Effect.Effect<void, BadUsage> => {
  if (strict && (Option.isSome(profile) || Option.isSome(source))) {
    return new BadUsage({ message: messages.strictAlone })
  }
  return Option.isSome(profile) && Option.exists(source, (name) => !hasProfiles(name))
    ? new BadUsage({ message: messages.profileOf(Option.getOrThrow(source)) })
    : Effect.void
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

/** The source that was selected: a chain, or a single one. */
export const source = (
  selection: Selection
): Effect.Effect<Source.Source, InvalidConfig | BadUsage, DefaultChain.Requirements> =>
  Effect.zipRight(
    check(selection),
    Option.isSome(selection.profile) || Option.isSome(selection.source)
      ? sources[Option.getOrElse(selection.source, () => "CliProfile" as const)](
        Option.getOrUndefined(selection.profile)
      )
      : DefaultChain.make({ fallThrough: selection.strict ? "unavailable" : "anyFailure" })
  )

/** The provider of the selected source, with a progress line that says which one is being asked. */
export const provider = (
  selection: Selection
): Effect.Effect<
  CredentialsProvider.Service,
  CredentialsError | BadUsage,
  DefaultChain.Requirements | Scope.Scope
> =>
  Effect.flatMap(source(selection), (selected) =>
    CredentialsProvider.make(
      mapSources(selected, (leaf) => ({ ...leaf, get: step(messages.asking(leaf.name), leaf.get) }))
    ))
