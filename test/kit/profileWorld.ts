import * as CliProfile from "@effect-alicloud/credentials/CliProfile"
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import { Connection } from "@effect-alicloud/credentials/Platform"
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { CommandExecutor, FileSystem, HttpClient, Path } from "@effect/platform"
import type { Command } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import type { SystemErrorReason } from "@effect/platform/Error"
import { ConfigProvider, Duration, Effect, Layer, Redacted, Sink, Stream } from "effect"
import { accountId, ci, credentialsUri, keyPair, oidcToken, providerArn, roleArn, world } from "./cloud.ts"
import { fileInfo, openedFile } from "./world.ts"

export const configFile = "/home/.aliyun/config.json"

export const signInHost = "signin-cn-shanghai.alibabacloudsso.com"

/** A cloud in which every mode finds what it asks for. */
export const everything: WorldInput = {
  ...world,
  roles: [...world.roles ?? [], { arn: roleArn("node"), trustedRoles: [roleArn("EcsRole")] }],
  oauthLogins: [{ refreshToken: "s3cr3t-refresh", accessToken: "s3cr3t-access" }],
  cloudSsoSites: [{
    host: signInHost,
    logins: [{ accessToken: "s3cr3t-login", grants: [{ accountId, accessConfigurationId: "ac-1" }] }]
  }],
  stsHosts: ["sts.example.com"]
}

const pair = { access_key_id: ci.accessKeyId, access_key_secret: ci.accessKeySecret }

/** For each mode the fields that it needs, and nothing else. */
export const minimal: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  AK: pair,
  StsToken: { ...pair, sts_token: "s3cr3t-token" },
  RamRoleArn: { ...pair, ram_role_arn: roleArn("open") },
  EcsRamRole: {},
  OIDC: { oidc_provider_arn: providerArn, oidc_token_file: "/token", ram_role_arn: roleArn("pod") },
  ChainableRamRoleArn: { source_profile: "other", ram_role_arn: roleArn("open") },
  CloudSSO: {
    cloud_sso_sign_in_url: `https://${signInHost}/start/login`,
    cloud_sso_account_id: accountId,
    cloud_sso_access_config: "ac-1",
    access_token: "s3cr3t-login"
  },
  OAuth: { oauth_site_type: "CN", oauth_access_token: "s3cr3t-access" },
  External: { process_command: "/opt/get --json" },
  CredentialsURI: { credentials_uri: credentialsUri },
  RsaKeyPair: { private_key: keyPair.privateKey, key_pair_name: "LTPubKey" },
  RamRoleArnWithRoleName: { ram_role_arn: roleArn("node") },
  BearerToken: { bearer_token: "s3cr3t-bearer" },
  Anonymous: {}
}

const httpFields = ["read_timeout", "retry_timeout", "connect_timeout"]

const endpointFields = ["sts_endpoint", "sts_region", "enable_vpc", ...httpFields]

const roleFields = ["ram_session_name", "expired_seconds", "policy", ...endpointFields]

const storedSession = ["access_key_id", "access_key_secret", "sts_token", "sts_expiration"]

/** For each mode the further fields that it takes. */
export const optional: Readonly<Record<string, ReadonlyArray<string>>> = {
  RamRoleArn: ["sts_token", "external_id", ...roleFields],
  EcsRamRole: ["ram_role_name"],
  OIDC: roleFields,
  ChainableRamRoleArn: ["external_id", ...roleFields],
  CloudSSO: ["cloud_sso_access_token_expire", ...storedSession, ...httpFields],
  OAuth: ["oauth_access_token_expire", "oauth_refresh_token", ...storedSession, ...httpFields],
  CredentialsURI: httpFields,
  RsaKeyPair: ["expired_seconds", ...endpointFields],
  RamRoleArnWithRoleName: ["ram_role_name", ...roleFields],
  BearerToken: ["bearer_token_header_key"]
}

/** A file with the profile, which is current, and one that others may build on. */
export const fileOf = (profile: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ current: "p", profiles: [{ name: "p", ...profile }, { name: "other", mode: "AK", ...pair }] })

const systemError = (reason: SystemErrorReason, method: string, path: string): SystemError =>
  new SystemError({ module: "FileSystem", method, reason, pathOrDescriptor: path })

/** Files that can be read, in folders that cannot be written. Programs and files see bytes. */
export const readOnly = (files: Readonly<Record<string, Uint8Array>>): FileSystem.FileSystem => {
  const bytes = (path: string) =>
    Effect.suspend(() => {
      const found = Object.hasOwn(files, path) ? files[path] : undefined
      return found === undefined ? systemError("NotFound", "stat", path) : Effect.succeed(found)
    })
  const forbidden = (path: string) => systemError("PermissionDenied", "open", path)
  return FileSystem.makeNoop({
    stat: (path) => Effect.map(bytes(path), (content) => fileInfo(content.length)),
    realPath: (path) => Effect.as(bytes(path), path),
    open: (path, options) =>
      options?.flag === "r" ? Effect.map(bytes(path), (content) => openedFile(content)) : forbidden(path),
    link: forbidden,
    rename: forbidden,
    writeFile: forbidden,
    writeFileString: forbidden
  })
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const printed = utf8(
  JSON.stringify({ mode: "AK", access_key_id: "LTAI5tPrinted", access_key_secret: "s3cr3t-printed" })
)

/** A program that prints a key pair, whichever is started. */
export const program = (commands: Array<ReadonlyArray<string>>): CommandExecutor.CommandExecutor =>
  CommandExecutor.makeExecutor((command: Command.Command) =>
    Effect.sync(() => {
      if (command._tag === "StandardCommand") commands.push([command.command, ...command.args])
      return {
        [CommandExecutor.ProcessTypeId]: CommandExecutor.ProcessTypeId,
        pid: CommandExecutor.ProcessId(1),
        exitCode: Effect.succeed(CommandExecutor.ExitCode(0)),
        isRunning: Effect.succeed(false),
        kill: () => Effect.void,
        stdin: Sink.drain,
        stdout: Stream.make(printed),
        stderr: Stream.empty
      } as unknown as CommandExecutor.Process
    })
  )

/** A request as it was sent, without what differs from one time to the next. */
export interface Sent {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly authorization: string | undefined
  /** Of the query and the form. */
  readonly parameters: Readonly<Record<string, string>>
  readonly body: string
  readonly timeout: number
  readonly connectTimeout: number
}

export interface Resolved {
  readonly exit: Effect.Effect.Success<ReturnType<typeof exitOf>>
  readonly sent: ReadonlyArray<Sent>
  readonly commands: ReadonlyArray<ReadonlyArray<string>>
}

const exitOf = (self: Effect.Effect<Credentials, CredentialsError>) => Effect.exit(self)

const changing = new Set(["SignatureNonce", "Signature", "Timestamp"])

const recorder = (sent: Array<Sent>) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) =>
      HttpClient.make((request, url) =>
        Effect.flatMap(Connection, ({ connectTimeout, timeout }) => {
          const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
          const form = request.headers["content-type"]?.includes("form") ? new URLSearchParams(body) : []
          sent.push({
            method: request.method,
            host: url.host,
            path: url.pathname,
            authorization: request.headers["authorization"],
            parameters: Object.fromEntries([...url.searchParams, ...form].filter(([name]) =>
              !changing.has(name)
            )),
            body: form instanceof URLSearchParams ? "" : body,
            timeout: Duration.toMillis(timeout),
            connectTimeout: Duration.toMillis(connectTimeout)
          })
          return client.execute(request)
        })
      ))
  )

/** What becomes of a config.json, from the profile it names to the requests that are sent. */
export const resolve = (
  text: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly world?: WorldInput } = {}
): Effect.Effect<Resolved> =>
  Effect.suspend(() => {
    const sent: Array<Sent> = []
    const commands: Array<ReadonlyArray<string>> = []
    const services = Layer.mergeAll(
      Layer.succeed(FileSystem.FileSystem, readOnly({ [configFile]: utf8(text), "/token": utf8(oidcToken) })),
      Layer.succeed(CommandExecutor.CommandExecutor, program(commands)),
      Path.layer,
      Layer.provide(recorder(sent), FakeAlicloud.layer(options.world ?? everything))
    )
    return Effect.flatMap(CliProfile.make({ configFile }), (source) => source.get).pipe(
      Effect.provide(services),
      Effect.catchTag("InvalidWorld", Effect.die),
      Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(options.env ?? {})))),
      exitOf,
      Effect.map((exit) => ({ exit, sent, commands }))
    )
  })

/** Credentials with their secrets in the clear, to compare them. */
export const plain = (credentials: Credentials): object =>
  Object.fromEntries(
    Object.entries(credentials).map(([key, value]) => [key, Redacted.isRedacted(value) ? Redacted.value(value) : value])
  )
