/**
 * What the sources do on any JavaScript runtime: no Node.js module, no test framework. It talks to the fake cloud that
 * `SCENARIO_CLOUD` names and prints one line of JSON per check; everything it has seen goes to the other output as the
 * runtime prints it.
 */
import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import * as BearerToken from "@effect-alicloud/credentials/BearerToken"
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { expirationOf } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as CredentialsUri from "@effect-alicloud/credentials/CredentialsUri"
import * as Environment from "@effect-alicloud/credentials/Environment"
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as RsaKeyPair from "@effect-alicloud/credentials/RsaKeyPair"
import * as StsToken from "@effect-alicloud/credentials/StsToken"
import { SystemError } from "@effect/platform/Error"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as FileSystem from "@effect/platform/FileSystem"
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

type Services = FileSystem.FileSystem | HttpClient
type Provider<E = never> = Layer.Layer<CredentialsProvider.CredentialsProvider, E, Services>

const role = (name: string): string => `acs:ram::1234567890123456:role/${name}`

const tokenFile = "/var/run/token"

const token = new TextEncoder().encode("s3cr3t-oidc-token\n")

const tokenInfo = { type: "File", size: FileSystem.Size(token.length) } as FileSystem.File.Info

/** The token's file in memory: Bun and Deno have no `FileSystem` without their Node.js compatibility. */
const files = FileSystem.layerNoop({
  stat: (path) =>
    path === tokenFile
      ? Effect.succeed(tokenInfo)
      : new SystemError({ module: "FileSystem", method: "stat", reason: "NotFound", pathOrDescriptor: path }),
  open: () =>
    Effect.succeed(
      {
        stat: Effect.succeed(tokenInfo),
        readAlloc: () => Effect.succeed(Option.some(token))
      } as unknown as FileSystem.File
    )
})

const variables = (entries: Readonly<Record<string, string>>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))

/** Whatever came out of the sources, for the check that nothing shows a secret. */
const seen: Array<unknown> = []

const remember = <A>(value: A): A => {
  seen.push(value)
  return value
}

/** The parts of the fake cloud's sessions have one number, so that parts of two sessions would be seen. */
const isWhole = (credentials: Credentials): boolean => {
  if (credentials._tag === "Bearer") return Redacted.value(credentials.bearerToken) === "s3cr3t-bearer"
  if (credentials._tag === "Anonymous") return false
  const number = /\.Fake(\d+)$/.exec(credentials.accessKeyId)?.[1]
  const secret = number === undefined ? "s3cr3t-of-the-pair" : `fake-secret-${number}`
  const token = number === undefined ? "s3cr3t-token" : `fake-token-${number}`
  return Redacted.value(credentials.accessKeySecret) === secret &&
    (credentials._tag === "AccessKey" || Redacted.value(credentials.securityToken) === token)
}

const describe = (credentials: Credentials): object => ({
  tag: credentials._tag,
  type: credentials.type,
  providerName: credentials.providerName,
  ...("accessKeyId" in credentials ? { accessKeyId: credentials.accessKeyId.replace(/\d{4}$/, "") } : {}),
  expires: Option.isSome(expirationOf(credentials)),
  whole: isWhole(credentials)
})

const describeError = (error: CredentialsError): object => ({
  tag: error._tag,
  ...("source" in error ? { source: error.source } : {}),
  ...(error._tag === "InvalidConfig" ? { location: error.where } : {}),
  ...(error._tag === "SourceFailed" ? { reason: error.reason, status: error.status, retryable: error.retryable } : {})
})

const withProvider = <E, A, E2>(
  provider: Provider<E>,
  use: (service: CredentialsProvider.Service) => Effect.Effect<A, E2>
) => Effect.provide(Effect.flatMap(CredentialsProvider.CredentialsProvider, use), provider)

const get = <E>(provider: Provider<E>) =>
  Effect.map(
    withProvider(provider, (service) => service.get),
    (credentials) => describe(remember(credentials))
  )

const errorOf = (provider: Provider<CredentialsError>) =>
  withProvider(provider, (service) => service.get).pipe(
    Effect.exit,
    Effect.tap((exit) => Effect.sync(() => remember(exit))),
    Effect.flatten,
    Effect.flip,
    Effect.map((error) => describeError(remember(error)))
  )

/** Reads every 20 ms until the session has been replaced twice, and counts the sessions that had ended already. */
const readAcrossExpiries = (service: CredentialsProvider.Service) =>
  Effect.gen(function*() {
    const sessions = new Set<Credentials>()
    const until = (yield* Clock.currentTimeMillis) + 12_000
    let ended = 0
    while (sessions.size < 3 && (yield* Clock.currentTimeMillis) < until) {
      const credentials = yield* service.get
      const now = yield* Clock.currentTimeMillis
      if (Option.exists(expirationOf(credentials), (at) => DateTime.toEpochMillis(at) <= now)) ended++
      sessions.add(credentials)
      yield* Effect.sleep("20 millis")
    }
    return { sessions: sessions.size, ended, whole: [...sessions].map(remember).every(isWhole) }
  })

/** Does not read until the session has ended. */
const readAfterExpiry = (service: CredentialsProvider.Service) =>
  Effect.gen(function*() {
    const first = yield* service.get
    const end = Option.match(expirationOf(first), { onNone: () => 0, onSome: DateTime.toEpochMillis })
    yield* Effect.sleep(end + 50 - (yield* Clock.currentTimeMillis))
    const second = yield* service.get
    return { replaced: first !== second, whole: isWhole(second) }
  })

const makeChecks = (cloud: string) => {
  const pair = { accessKeyId: "LTAI5tCi", accessKeySecret: Redacted.make("s3cr3t-of-the-pair") }
  const sts = { stsEndpoint: cloud, roleSessionName: "scenario" }
  const callerWith = (accessKeyId: string) => AccessKey.layer({ ...pair, accessKeyId })
  const assume = (name: string, caller: Provider<CredentialsError>) =>
    Layer.provide(RamRoleArn.layer({ ...sts, roleArn: role(name) }), caller)
  const pod = OidcRoleArn.layer({
    ...sts,
    roleArn: role("pod"),
    oidcProviderArn: "acs:ram::1234567890123456:oidc-provider/cluster",
    oidcTokenFilePath: tokenFile,
    connectTimeout: "300 millis",
    timeout: "300 millis"
  })
  const rsa = Layer.unwrapEffect(Effect.map(
    Effect.orDie(Config.redacted("SCENARIO_PRIVATE_KEY")),
    (privateKey) => RsaKeyPair.layer({ stsEndpoint: cloud, publicKeyId: "LTPubKey", privateKey })
  ))
  const uri = (path: string) => CredentialsUri.layer({ credentialsUri: `${cloud}${path}` })
  const none = variables({})
  const set = {
    ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tMap",
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t-of-the-pair"
  }

  return {
    AccessKey: get(AccessKey.layer(pair)),
    StsToken: get(StsToken.layer({ ...pair, securityToken: Redacted.make("s3cr3t-token") })),
    BearerToken: get(BearerToken.layer({ bearerToken: Redacted.make("s3cr3t-bearer") })),
    "Environment, a pair in a map": get(Layer.provide(Environment.layer(), variables(set))),
    "Environment, a session in a map": get(
      Layer.provide(Environment.layer(), variables({ ...set, ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t-token" }))
    ),
    "Environment, of the process": get(Environment.layer()),
    RamRoleArn: get(assume("deploy", callerWith("LTAI5tCi"))),
    "RamRoleArn with a session": get(assume("next", assume("deploy", callerWith("LTAI5tCi")))),
    OidcRoleArn: get(pod),
    RsaKeyPair: get(rsa),
    CredentialsUri: get(uri("/session?a=%20b")),
    "one request for 1,000 readers": withProvider(assume("deploy", callerWith("LTAI5tFlight")), (service) =>
      Effect.map(
        Effect.all(Array.from({ length: 1000 }, () => service.get), { concurrency: "unbounded" }),
        (all) => ({ readers: all.length, sessions: new Set(all).size })
      )),
    "not configured": errorOf(Layer.provide(Environment.layer(), none)),
    "half configured": errorOf(
      Layer.provide(Environment.layer(), variables({ ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tMap" }))
    ),
    "configured wrongly": errorOf(
      Layer.provide(RamRoleArn.layer({ ...sts, roleArn: role("deploy"), stsEndpoint: "a b" }), callerWith("LTAI5tCi"))
    ),
    denied: errorOf(assume("closed", callerWith("LTAI5tCi"))),
    "wrong secret": errorOf(assume(
      "deploy",
      AccessKey.layer({ ...pair, accessKeySecret: Redacted.make("s3cr3t-of-another") })
    )),
    "not found": errorOf(uri("/session?a=%20b")),
    "no answer": errorOf(pod),
    "connection closed": errorOf(rsa),
    "refreshed before and after the end": Effect.all({
      whileRead: withProvider(uri("/short"), readAcrossExpiries),
      unread: withProvider(uri("/short"), readAfterExpiry)
    }, { concurrency: "unbounded" })
  }
}

const printed = <A, E>(check: string, self: Effect.Effect<A, E, Services>) =>
  self.pipe(
    Effect.exit,
    Effect.flatMap((exit) =>
      Console.log(JSON.stringify({
        check,
        ...(Exit.isSuccess(exit) ? { result: exit.value } : { failed: Cause.pretty(exit.cause) })
      }))
    )
  )

const show = (value: unknown) =>
  Effect.zipRight(
    Console.error(value),
    Console.error(
      String(value),
      JSON.stringify(value),
      Inspectable.toStringUnknown(value),
      Cause.pretty(Cause.die(value), { renderErrorCause: true })
    )
  )

const main = Effect.gen(function*() {
  const checks = makeChecks(yield* Config.string("SCENARIO_CLOUD"))
  for (const [check, self] of Object.entries(checks)) {
    yield* printed(check, self as Effect.Effect<unknown, unknown, Services>)
  }
  yield* Effect.forEach(seen, show, { discard: true })
})

void Effect.runPromise(Effect.provide(main, Layer.merge(FetchHttpClient.layer, files)))
