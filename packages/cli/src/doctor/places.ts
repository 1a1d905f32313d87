/** What each source looks at. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type { ConfigFile } from "./configFile.ts"
import { lineageOf } from "./configFile.ts"
import type { CredentialsFile } from "./credentialsFile.ts"
import * as environment from "./environment.ts"
import type { LookedAt } from "./Report.ts"
import * as show from "./show.ts"

export const metadataService = "http://100.100.100.200"

/** The files that the sources look at, as they were found. */
export interface Files {
  readonly config: ConfigFile
  readonly credentials: CredentialsFile
}

type Places = Effect.Effect<ReadonlyArray<LookedAt>, never, FileSystem.FileSystem>

const lookAtAll = (names: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<LookedAt>> =>
  Effect.forEach(names, environment.lookAt)

const inConfig = (config: ConfigFile): ReadonlyArray<LookedAt> => {
  const { chosen, entries, exists, path } = config
  if (path === undefined) {
    return []
  }
  const file = { kind: "file", path: show.path(path), exists } as const
  if (chosen === undefined) {
    return [file]
  }
  const profiles = [...new Set(lineageOf(config, chosen.name).path)].map((name): LookedAt => {
    const at = entries.find((entry) => entry.name === name)?.at
    return at === undefined ? { ...file, name: show.name(name) } : { ...file, at, name: show.name(name) }
  })
  return chosen.by === "$.current" ? [{ ...file, at: chosen.by }, ...profiles] : profiles
}

const inCredentials = ({ candidates, path, section }: CredentialsFile): ReadonlyArray<LookedAt> =>
  candidates.slice(0, path === undefined ? undefined : candidates.indexOf(path) + 1).map((candidate) => ({
    kind: "file",
    path: show.path(candidate),
    exists: candidate === path,
    ...(candidate === path ? { at: `[${show.name(section)}]` } : {})
  }))

/** What a source looks at, given what it finds there. */
export const of = (source: string, { config, credentials }: Files): Places => {
  switch (source) {
    case "Environment":
      return Effect.gen(function*() {
        const given = yield* Effect.exists(environment.mainPair, environment.isSet)
        return yield* lookAtAll([
          ...environment.mainPair,
          ...(given ? [environment.token] : environment.legacyPair)
        ])
      })
    case "OidcRoleArn":
      return Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const variables = yield* lookAtAll(environment.oidc)
        const path = yield* environment.text("ALIBABA_CLOUD_OIDC_TOKEN_FILE")
        return path === undefined ? variables : [
          ...variables,
          { kind: "file", path: show.path(path), exists: yield* Effect.orElseSucceed(fs.exists(path), () => false) }
        ]
      })
    case "CliProfile":
      return Effect.map(
        environment.lookAtSet([
          environment.cliProfilesOff,
          environment.configFile,
          ...(config.chosen?.by === "--profile" ? [] : environment.profileVariables)
        ]),
        (variables) => [...variables, ...inConfig(config)]
      )
    case "CredentialsFile":
      return Effect.map(
        environment.lookAtSet([environment.credentialsFile, environment.section]),
        (variables) => [...variables, ...inCredentials(credentials)]
      )
    case "EcsRamRole":
      return Effect.map(
        environment.lookAtSet([
          environment.metadataOff,
          "ALIBABA_CLOUD_ECS_METADATA",
          "ALIBABA_CLOUD_IMDSV1_DISABLED",
          "ALIBABA_CLOUD_IMDSV1_DISABLE"
        ]),
        (variables) => [...variables, { kind: "address", address: metadataService }]
      )
    case "CredentialsUri":
      return Effect.gen(function*() {
        const uri = yield* environment.text(environment.credentialsUri)
        const variable = yield* environment.lookAt(environment.credentialsUri)
        return uri === undefined ? [variable] : [variable, { kind: "address", address: show.origin(uri) }]
      })
    default:
      return Effect.succeed([])
  }
}
