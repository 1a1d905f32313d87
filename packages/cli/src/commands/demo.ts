/** The `demo` command: the default chain, a refresh, an outage and an error against a simulated cloud. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { expirationOf } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { paint } from "../internal/screen.ts"

/** Time runs faster: a session of 900 seconds lasts 5. */
const scale = 5 / 900

const roleArn = "acs:ram::1234567890123456:role/deploy"

const world: FakeAlicloud.WorldInput = {
  users: [{ name: "laptop", accessKeyId: "LTAI5tDemoLaptop", accessKeySecret: "demo-laptop-secret" }],
  roles: [{ arn: roleArn, trustedUsers: ["laptop"] }],
  sessionSecondsScale: scale
}

const configJson = {
  current: "deploy",
  profiles: [{
    name: "deploy",
    mode: "RamRoleArn",
    access_key_id: "LTAI5tDemoLaptop",
    access_key_secret: "demo-laptop-secret",
    ram_role_arn: roleArn,
    ram_session_name: "demo",
    expired_seconds: 900,
    region_id: "cn-hangzhou"
  }]
}

const heading = (text: string): Effect.Effect<void> => Console.log(`\n${paint("bold", text)}`)

const say = (text: string): Effect.Effect<void> => Console.log(`  ${text}`)

/** Warnings of the library in one line each, beneath the reads they happen between. */
const logger = Logger.make<unknown, void>(({ annotations, message }) => {
  const text = Array.isArray(message) ? message.join(" ") : String(message)
  const error = Option.getOrElse(HashMap.get(annotations, "error"), () => "")
  const pause = Option.getOrElse(HashMap.get(annotations, "nextAttemptInMillis"), () => 0)
  const next = Number(pause) === 0 ? "trying again at once" : `next attempt in ${String(pause)} ms`
  process.stdout.write(`${paint("yellow", `  warning  ${text}, ${next}`)}\n`)
  process.stdout.write(`${paint("gray", `           ${String(error)}`)}\n`)
})

const outcomeLine = (outcome: CredentialsProvider.Outcome): string => {
  switch (outcome._tag) {
    case "Won":
      return `${paint("green", "used      ")} ${outcome.source.padEnd(16)} ${outcome.providerName}`
    case "Skipped":
      return `${paint("gray", "not set up")} ${outcome.source.padEnd(16)} ${paint("gray", reasonOf(outcome.error))}`
    case "NotAsked":
      return `${paint("gray", "not needed")} ${outcome.source}`
  }
}

const reasonOf = (error: CredentialsError): string => error._tag === "SourceUnavailable" ? error.detail : error.message

const idOf = (credentials: Credentials): string => "accessKeyId" in credentials ? credentials.accessKeyId : "none"

const secondsLeft = (credentials: Credentials, now: number): string =>
  Option.match(expirationOf(credentials), {
    onNone: () => "unknown",
    onSome: (moment) => `${((DateTime.toEpochMillis(moment) - now) / 1000).toFixed(1)} s left`
  })

const show: (credentials: Credentials) => Effect.Effect<void> = Effect.fnUntraced(function*(credentials) {
  const now = yield* Clock.currentTimeMillis
  yield* say(`type             ${credentials.type}`)
  yield* say(`provider         ${credentials.providerName}`)
  yield* say(`AccessKey ID     ${idOf(credentials)}`)
  if (credentials._tag === "Sts") {
    yield* say(`AccessKey secret ${String(credentials.accessKeySecret)}`)
    yield* say(`security token   ${String(credentials.securityToken)}`)
  }
  yield* say(`expiration       ${secondsLeft(credentials, now)}`)
})

/**
 * Reads every half second, for at most 6 seconds, and prints when the credentials changed and how long each read took.
 */
const readUntil = Effect.fnUntraced(function*(provider: CredentialsProvider.Service, done: Effect.Effect<boolean>) {
  let last: string | undefined
  for (let reads = 0; reads < 12 && !(yield* done); reads++) {
    const started = yield* Clock.currentTimeMillis
    const credentials = yield* provider.get
    const now = yield* Clock.currentTimeMillis
    const line = `${idOf(credentials)}  ${secondsLeft(credentials, now).padEnd(10)}  answered in ${now - started} ms`
    yield* say(
      last === undefined || idOf(credentials) === last ? paint("gray", line) : `${line}  ${paint("green", "new")}`
    )
    last = idOf(credentials)
    yield* Effect.sleep("500 millis")
  }
})

/** True from the given number of checks after the condition has become true. */
const later = (condition: Effect.Effect<boolean>, count: number): Effect.Effect<Effect.Effect<boolean>> =>
  Effect.map(
    Ref.make(0),
    (asked) =>
      Effect.flatMap(condition, (holds) =>
        holds ? Effect.map(Ref.getAndUpdate(asked, (n) => n + 1), (n) => n >= count) : Effect.succeed(false))
  )

const story = Effect.gen(function*() {
  const cloud = yield* FakeAlicloud.FakeAlicloud
  const server = yield* FakeAlicloudServer.FakeAlicloudServer
  const provider = yield* CredentialsProvider.CredentialsProvider

  yield* Console.log(`Alibaba Cloud credentials for Effect, against a simulated cloud at ${server.httpUrl}`)
  yield* Console.log(paint("gray", `Time is compressed: a session of 900 s lasts 5 s here.`))

  yield* heading("1. The default chain tries its sources in order")
  const first = yield* provider.get
  yield* Effect.forEach((yield* provider.report).outcomes, (outcome) => say(outcomeLine(outcome)))

  yield* heading("2. It uses an aliyun CLI profile that assumes a role through STS")
  yield* show(first)
  yield* say(paint("gray", `AssumeRole calls so far: ${yield* cloud.count("sts.AssumeRole")}`))

  yield* heading("3. The session is refreshed early, in the background: no reader waits")
  yield* readUntil(provider, yield* later(Effect.map(cloud.count("sts"), (requests) => requests > 1), 2))
  yield* say(paint("gray", `AssumeRole calls so far: ${yield* cloud.count("sts.AssumeRole")}`))

  yield* heading("4. STS goes down; the valid session is served until it is back")
  yield* cloud.setFaults([{ endpoint: "sts", kind: "refuse" }])
  const before = yield* cloud.count("sts")
  yield* readUntil(provider, Effect.map(cloud.count("sts"), (requests) => requests > before + 4))
  yield* cloud.clearFaults
  yield* say(paint("green", "STS is back: the next attempt brings a new session"))
  yield* readUntil(provider, yield* later(Effect.succeed(true), 4))
})

const nothing = Effect.gen(function*() {
  yield* heading("5. The error when nothing is configured")
  const provider = yield* CredentialsProvider.CredentialsProvider
  const error = yield* Effect.orDie(Effect.flip(provider.get))
  yield* Effect.forEach(error.message.split("\n"), (line) => say(paint("red", line)))
})

const environment = (home: string): Layer.Layer<never> =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["HOME", home]])))

/**
 * Shows the chain, a refresh, an outage and the error without credentials, in about ten seconds.
 */
export const run = () =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const home = yield* fs.makeTempDirectoryScoped({ prefix: "alicloud-demo-" })
    yield* fs.makeDirectory(path.join(home, "empty"))
    yield* fs.makeDirectory(path.join(home, ".aliyun"))
    yield* fs.writeFileString(path.join(home, ".aliyun", "config.json"), JSON.stringify(configJson), { mode: 0o600 })

    const cloud = yield* Layer.build(FakeAlicloudServer.layer(world))
    const client = yield* Layer.build(Layer.provide(FakeAlicloudServer.layerClient, Layer.succeedContext(cloud)))
    const platform = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
    const services = Layer.succeedContext(Context.mergeAll(platform, cloud, client))
    const chain = (home: string) => DefaultChain.layer.pipe(Layer.provide(services), Layer.provide(environment(home)))

    yield* Effect.provide(story, Layer.merge(chain(home), services))
    yield* Effect.provide(nothing, chain(path.join(home, "empty")))
    return 0
  }).pipe(Effect.provide(Logger.replaceScoped(Logger.defaultLogger, Effect.succeed(logger))))
