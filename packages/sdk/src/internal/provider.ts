/** Makes the provider of `createCredential` from its options. */
import * as CliProfile from "@effect-alicloud/credentials/CliProfile"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import { atOptions, invalidConfig, NoCredentials } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as FileSessionStore from "@effect-alicloud/credentials/FileSessionStore"
import * as FromConfig from "@effect-alicloud/credentials/FromConfig"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as RefreshPolicy from "@effect-alicloud/credentials/RefreshPolicy"
import * as Source from "@effect-alicloud/credentials/Source"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { CredentialOptions, SourceOptions } from "../CredentialOptions.ts"

const name = "createCredential"

type Made = Effect.Effect<Source.Source, InvalidConfig, DefaultChain.Requirements>

const invalid = (option: string, issue: string): InvalidConfig => invalidConfig(name, atOptions(option), issue)

const named = (wanted: string): Made => {
  const found = DefaultChain.sources.find((definition) => definition.name === wanted)
  return found === undefined
    ? invalid(
      "sources",
      `${Text.word(wanted)} is not one of ${DefaultChain.sources.map((definition) => definition.name).join(", ")}`
    )
    : found.fromEnv
}

const single = (options: SourceOptions): Made => {
  if (typeof options === "string") return named(options)
  if (typeof options !== "object" || options === null) return invalid("sources", "each must be a name or an object")
  if ("profile" in options) return CliProfile.make({ profileName: options.profile })
  if ("get" in options) {
    return typeof options.get === "function"
      ? Effect.succeed(Source.fromPromise(options.name ?? "get", options.get))
      : invalid("get", "it must be a function")
  }
  return FromConfig.fromConfig(options)
}

const chain = (sources: ReadonlyArray<SourceOptions>, fallThrough: Source.FallThrough): Made =>
  Array.isArray(sources)
    ? Effect.map(Effect.forEach(sources, single), ([first, ...others]) =>
      others.reduce(
        (above, next) => Source.orElse(above, next, { fallThrough }),
        first ?? Source.fromEffect(name, new NoCredentials({ attempts: [] }))
      ))
    : invalid("sources", "it must be a list")

/** The options that say where credentials come from. */
const choose = (options: CredentialOptions): Made => {
  const { get, name, profile, refresh: _refresh, role: _role, sessionStore: _store, sources, strict, ...config } =
    options
  const official = Object.entries(config).filter(([, value]) => value !== undefined && value !== null && value !== "")
  const given = [
    ...Object.entries({ profile, get, sources }).filter(([, value]) => value !== undefined),
    ...official.slice(0, 1)
  ].map(([option]) => option)
  if (given.length > 1) {
    return invalidConfig("createCredential", atOptions(...given), "only one of them can be given")
  }
  const fallThrough = strict === true ? "unavailable" : "anyFailure"
  if (sources !== undefined) return chain(sources, fallThrough)
  const isOurs = Object.keys(config).length < Object.keys(options).length
  if (given.length === 0 && isOurs && name === undefined) return DefaultChain.make({ fallThrough })
  if (strict !== undefined) return invalid("strict", "it is only for the default chain and for sources")
  if (profile !== undefined) return single({ profile })
  if (get !== undefined) return single({ get, name })
  return FromConfig.fromConfig(config)
}

const checkRefresh = (refresh: RefreshPolicy.Options | undefined): Effect.Effect<void, InvalidConfig> =>
  Effect.try({
    try: () => RefreshPolicy.make(refresh),
    catch: () => invalid("refresh", "a duration is milliseconds, or text such as \"10 minutes\"")
  })

/** The provider, with a session of its own for the role and one for its caller. */
const make = Effect.fnUntraced(function*(options: CredentialOptions | null | undefined) {
  if (options === null || options === undefined) {
    return yield* Effect.flatMap(DefaultChain.make(), (source) => CredentialsProvider.make(source))
  }
  const { refresh, role } = options
  yield* checkRefresh(refresh)
  const provider = yield* CredentialsProvider.make(yield* choose(options), { refresh })
  return role === undefined
    ? provider
    : yield* CredentialsProvider.make(yield* RamRoleArn.make(provider, role), { refresh })
})

const storeOf = (
  given: CredentialOptions["sessionStore"]
): Layer.Layer<never, InvalidConfig, FileSystem.FileSystem | Path.Path> =>
  given === undefined || given === false
    ? Layer.empty
    : Layer.isLayer(given)
    ? given as Layer.Layer<never, InvalidConfig>
    : FileSessionStore.layer(given === true ? {} : given as FileSessionStore.Config)

export const layer = (
  options: CredentialOptions | null | undefined
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, DefaultChain.Requirements> =>
  Layer.provide(Layer.scoped(CredentialsProvider.CredentialsProvider, make(options)), storeOf(options?.sessionStore))

/** The type that a credential has before its first read, as the official client's. */
export const initialType = (options: CredentialOptions | null | undefined): string =>
  options?.role !== undefined ? "ram_role_arn" : options?.type ?? "default"
