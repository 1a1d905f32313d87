/**
 * Where the OIDC tokens of `OidcRoleArn` come from: files, variables, programs, and the platforms on which a program runs. A
 * token is an effect that runs at each attempt, so that one that ended in the meantime is never sent again.
 *
 * Any effect of your own that answers a `Redacted` token will do as well.
 *
 * @module
 * @since 0.1.0
 */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { CredentialsError } from "./CredentialsError.ts"
import { atVariables, invalidConfig, SourceFailed } from "./CredentialsError.ts"
import * as env from "./internal/environment/env.ts"
import * as externalSwitch from "./internal/environment/switches.ts"
import * as process from "./internal/source/process.ts"
import * as program from "./internal/source/program.ts"
import { source } from "./internal/source/tokenEndpoint.ts"
import * as Text from "./unstable/Text.ts"
import * as TextFile from "./unstable/TextFile.ts"

export { azureManagedIdentity } from "./tokens/azureManagedIdentity.ts"
export { buildkite } from "./tokens/buildkite.ts"
export { fly } from "./tokens/fly.ts"
export { githubActions } from "./tokens/githubActions.ts"
export { googleMetadata } from "./tokens/googleMetadata.ts"

/**
 * A fresh token each time it runs.
 *
 * @since 0.1.0
 * @category models
 */
export type OidcToken<R = never> = Effect.Effect<Redacted.Redacted, CredentialsError, R>

const fileFailed = (detail: string): SourceFailed =>
  new SourceFailed({
    source,
    reason: "File",
    detail,
    hint: "In a pod, check that RRSA is enabled for its service account.",
    retryable: true
  })

/**
 * The content of a file that another program keeps up to date, such as a projected volume of Kubernetes. A leading `~/` is
 * the home directory. A file that cannot be read, or is empty, fails with `SourceFailed`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const file = (path: string): OidcToken<FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const expanded = yield* TextFile.expandHome(path)
    const read = yield* TextFile.reader
    const subject = `the token file ${Text.path(expanded)}`
    return yield* Effect.mapError(
      read(
        expanded,
        (text) => text.trim() === "" ? fileFailed(`${subject} is empty`) : Effect.succeed(Redacted.make(text.trim()))
      ),
      (error) => error._tag === "FileProblem" ? fileFailed(`${subject}: ${error.issue}`) : error
    )
  })

/**
 * The value of an environment variable, for platforms that set one: `id_tokens` of GitLab, `CIRCLE_OIDC_TOKEN_V2`,
 * `BITBUCKET_STEP_OIDC_TOKEN`, `TFC_WORKLOAD_IDENTITY_TOKEN`. Such a token cannot be renewed within its job. A variable that
 * is not set fails with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const variable = (name: string): OidcToken =>
  Effect.gen(function*() {
    const environment = yield* env.capture(source)
    const token = yield* environment.secret(name)
    return token ?? (yield* invalidConfig(source, atVariables(name), "it is not set"))
  })

/**
 * What a program prints, for example `circleci run oidc get --claims '{"aud":"sts.aliyuncs.com"}'`. The command line is split
 * without a shell. A program that fails or takes longer than 10 seconds fails with `SourceFailed`;
 * `ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS` (`true` or `1`) forbids it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const executable = (command: string): OidcToken<CommandExecutor.CommandExecutor | Path.Path> =>
  Effect.gen(function*() {
    yield* externalSwitch.check(source, yield* env.capture(source))
    const { argv, name } = yield* program.parse(source, "oidcToken", command)
    const printed = yield* Effect.mapError(
      process.run(yield* argv, Duration.seconds(10)),
      ({ issue }) => new SourceFailed({ source, reason: "Process", detail: `${name} ${issue}`, retryable: true })
    )
    return Redacted.make(printed)
  })
