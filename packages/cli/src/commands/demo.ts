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
import * as FiberRef from "effect/FiberRef"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { name } from "../internal/line.ts"
import * as screen from "../internal/screen.ts"
import { paint } from "../internal/screen.ts"
import { table } from "../internal/table.ts"

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

/** Lines of the story, beneath their heading and no wider than the screen. */
const say = (text: string): Effect.Effect<void> =>
  Effect.flatMap(screen.width, (columns) => Console.log(table([[text]], columns, 2)))

const sayAll = (rows: ReadonlyArray<ReadonlyArray<string>>): Effect.Effect<void> =>
  Effect.flatMap(screen.width, (columns) => Console.log(table(rows, columns, 2)))

/** Warnings of the library in one line each, among the reads they happen between. */
const logger = Logger.withConsoleLog(Logger.make<unknown, string>(({ annotations, message }) => {
  const pause = Option.map(HashMap.get(annotations, "nextAttemptInMillis"), Number)
  return paint(
    "yellow",
    Option.match(pause, {
      onNone: () => `  ${Array.isArray(message) ? message.join(" ") : String(message)}`,
      onSome: (millis) =>
        `  STS cannot be reached; trying again ${millis === 0 ? "at once" : `in ${Math.ceil(millis)} ms`}`
    })
  )
}))

const outcomeRow = (outcome: CredentialsProvider.Outcome): ReadonlyArray<string> => {
  switch (outcome._tag) {
    case "Won":
      return [paint("green", "used"), outcome.source, outcome.providerName]
    case "Skipped":
      return [paint("gray", "not set up"), outcome.source, paint("gray", reasonOf(outcome.error))]
    case "NotAsked":
      return [paint("gray", "not needed"), outcome.source, ""]
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
  yield* sayAll([
    ["type", credentials.type],
    ["provider", credentials.providerName],
    ["AccessKey ID", idOf(credentials)],
    ...credentials._tag === "Sts"
      ? [
        ["AccessKey secret", String(credentials.accessKeySecret)],
        ["security token", String(credentials.securityToken)]
      ]
      : [],
    ["expiration", secondsLeft(credentials, now)]
  ])
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

  const columns = yield* screen.width
  yield* Console.log(table([
    [`Alibaba Cloud credentials, from a simulated cloud at ${server.httpUrl}`],
    [paint("gray", "Time is compressed: a session of 900 s lasts 5 s here.")]
  ], columns))

  yield* heading("1. The default chain tries its sources in order")
  const first = yield* provider.get
  yield* sayAll((yield* provider.report).outcomes.map(outcomeRow))

  yield* heading("2. It uses an aliyun CLI profile that assumes a role through STS")
  yield* show(first)
  yield* say(paint("gray", `AssumeRole calls so far: ${yield* cloud.count("sts.AssumeRole")}`))

  yield* heading("3. The session is refreshed early, in the background: no reader waits")
  yield* readUntil(provider, yield* later(Effect.map(cloud.count("sts"), (requests) => requests > 1), 2))
  yield* say(paint("gray", `AssumeRole calls so far: ${yield* cloud.count("sts.AssumeRole")}`))

  yield* heading("4. STS goes down: readers do not notice while the session is valid")
  yield* cloud.setFaults([{ endpoint: "sts", kind: "refuse" }])
  const before = yield* cloud.count("sts")
  yield* readUntil(provider, Effect.map(cloud.count("sts"), (requests) => requests > before + 3))
  yield* cloud.clearFaults
  yield* say(paint("green", "STS is back: the next attempt gets a new session"))
  yield* readUntil(provider, yield* later(Effect.succeed(true), 4))
})

const nothing = (home: string) =>
  Effect.gen(function*() {
    yield* heading("5. The error when nothing is configured")
    const provider = yield* CredentialsProvider.CredentialsProvider
    const error = yield* Effect.orDie(Effect.flip(provider.get))
    const [first = "", ...items] = error.message.replaceAll(home, "~").split("\n  - ")
    yield* say(paint("red", first))
    yield* sayAll(items.map((item) => ["-", paint("red", item)]))
  })

const next = Effect.gen(function*() {
  yield* heading("What to try next")
  yield* sayAll([
    [`${name} doctor`, "what is wrong here, and how to fix it"],
    [`${name} get`, "the credentials found here, secrets hidden"],
    [`${name} exec -- CMD`, "run a command with these credentials"]
  ].map(([command = "", does = ""]) => [paint("cyan", command), does]))
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
    const empty = path.join(home, "empty")
    yield* Effect.provide(nothing(empty), chain(empty))
    yield* next
    return 0
  }).pipe(Effect.locally(FiberRef.currentLoggers, HashSet.make(logger)))
