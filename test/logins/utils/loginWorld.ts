import { CliProfile, CredentialsProvider } from "@effect-alicloud/credentials"
import type { Credentials, Source } from "@effect-alicloud/credentials"
import type { Endpoint, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePathLayer from "@effect/platform-node/NodePath"
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, it } from "@effect/vitest"
import {
  Array as Arr,
  Clock,
  ConfigProvider,
  Context,
  DateTime,
  Effect,
  Fiber,
  Layer,
  Logger,
  Option,
  Order,
  Redacted,
  TestClock
} from "effect"
import type { Scope } from "effect"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { noPrograms } from "../../kit/world.ts"
import type { Logged } from "./secrets.ts"
import { makeLogged } from "./secrets.ts"

/** When every test begins, in epoch milliseconds and seconds. */
export const start = Date.UTC(2026, 0, 2, 3, 4, 5)
export const now = start / 1000

export type Fields = Readonly<Record<string, unknown>>

/** An OAuth login as the aliyun CLI stores it, with a field that nobody here knows. */
export const oauth = (fields: Fields = {}): Fields => ({
  name: "default",
  mode: "OAuth",
  region_id: "cn-hangzhou",
  oauth_site_type: "CN",
  oauth_access_token: "s3cr3t-access-0",
  oauth_refresh_token: "s3cr3t-refresh-0",
  oauth_access_token_expire: now + 3600,
  of_a_later_version: { nested: [1e3, 12345678901234567000] },
  ...fields
})

export const oauthLogin = { userName: "alice", accessToken: "s3cr3t-access-0", refreshToken: "s3cr3t-refresh-0" }

/** A stored session with so many seconds left. */
export const stored = (seconds: number): Fields => ({
  access_key_id: "STS.Stored",
  access_key_secret: "s3cr3t-stored",
  sts_token: "s3cr3t-stored-token",
  sts_expiration: now + seconds
})

/** One request, as the network saw it. */
export interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface LoginWorld {
  readonly file: string
  readonly cloud: Context.Tag.Service<FakeAlicloud.FakeAlicloud>
  /** Everything that any source needs. */
  readonly context: Context.Context<CliProfile.Requirements>
  readonly text: () => string
  readonly put: (text: string) => void
  readonly profile: (name?: string) => Fields
  readonly setProfiles: (...profiles: ReadonlyArray<Fields>) => void
  /** A process that uses the file. */
  readonly process: (profileName?: string) => Effect.Effect<Source.Source>
  /** The same with its session cache. */
  readonly provider: (
    profileName?: string
  ) => Effect.Effect<CredentialsProvider.Service, never, Scope.Scope>
  readonly sent: ReadonlyArray<Sent>
  /** The answered endpoints, in order. */
  readonly asked: Effect.Effect<ReadonlyArray<Endpoint>>
  /** Everything that was logged. */
  readonly logged: ReadonlyArray<string>
  /** Runs when a request to this path is about to be sent. */
  onRequest: (path: string) => void
  /** What changes to files fail with. */
  writeFault: (method: string, path: string) => PlatformError.SystemErrorReason | undefined
}

/** Text as the aliyun CLI writes it. */
export const cliText = (profiles: ReadonlyArray<Fields>, current = "default"): string =>
  `${JSON.stringify({ current, profiles, meta_path: "" }, null, "\t")}\n`

const makeFiles = (fault: LoginWorld["writeFault"]): Layer.Layer<FileSystem.FileSystem> =>
  Layer.provide(
    Layer.effect(
      FileSystem.FileSystem,
      Effect.map(FileSystem.FileSystem, (fs) => {
        const check = (method: string, path: string): Effect.Effect<void, PlatformError.SystemError> =>
          Effect.suspend(() => {
            const reason = fault(method, path)
            return reason === undefined
              ? Effect.void
              : new PlatformError.SystemError({ reason, module: "FileSystem", method, pathOrDescriptor: path })
          })
        return FileSystem.FileSystem.of({
          ...fs,
          open: (path, options) =>
            Effect.zipRight(options?.flag === "wx" ? check("open", path) : Effect.void, fs.open(path, options)),
          link: (from, to) => Effect.zipRight(check("link", to), fs.link(from, to)),
          rename: (from, to) => Effect.zipRight(check("rename", to), fs.rename(from, to))
        })
      })
    ),
    NodeFileSystem.layer
  )

const textOf = (body: { readonly _tag: string; readonly body?: unknown }): string =>
  body.body instanceof Uint8Array ? new TextDecoder().decode(body.body) : ""

export interface Options {
  readonly profiles: ReadonlyArray<Fields>
  readonly current?: string
  /** Default one OAuth login, `oauthLogin`. */
  readonly cloud?: WorldInput
}

const make = (options: Options, logged: Logged): Effect.Effect<LoginWorld, FakeAlicloud.InvalidWorld, Scope.Scope> =>
  Effect.gen(function*() {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => Fs.mkdtempSync(join(tmpdir(), "logins-"))),
      (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
    )
    const file = join(folder, "config.json")
    const sent: Array<Sent> = []
    const recording = Layer.effect(
      HttpClient.HttpClient,
      Effect.map(HttpClient.HttpClient, (client) =>
        HttpClient.make((request, url) => {
          sent.push({ url: url.href, headers: request.headers, body: textOf(request.body) })
          world.onRequest(url.pathname)
          return client.execute(request)
        }))
    )
    const services = yield* Layer.build(Layer.mergeAll(
      makeFiles((method, path) => world.writeFault(method, path)),
      NodePathLayer.layer,
      noPrograms,
      Layer.provideMerge(recording, FakeAlicloud.layer(options.cloud ?? { oauthLogins: [oauthLogin] }))
    ))
    const cloud = Context.get(services, FakeAlicloud.FakeAlicloud)
    const text = (): string => Fs.readFileSync(file, "utf8")
    const put = (text: string): void => Fs.writeFileSync(file, text, { mode: 0o600 })
    const process: LoginWorld["process"] = (profileName) =>
      CliProfile.make({ configFile: file, profileName }).pipe(
        Effect.orDie,
        Effect.provide(services),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map()))
      )
    const world: LoginWorld = {
      file,
      cloud,
      context: services,
      text,
      put,
      profile: (name = "default") => {
        const { profiles } = JSON.parse(text()) as { readonly profiles: ReadonlyArray<Fields> }
        return profiles.find((profile) => profile["name"] === name) ?? assert.fail(`no profile ${name}`)
      },
      setProfiles: (...profiles) => put(cliText(profiles, options.current)),
      process,
      provider: (profileName) => Effect.flatMap(process(profileName), CredentialsProvider.make),
      sent,
      asked: Effect.map(cloud.journal, (entries) => entries.map(({ endpoint }) => endpoint)),
      logged: logged.lines,
      onRequest: () => undefined,
      writeFault: () => undefined
    }
    world.setProfiles(...options.profiles)
    return world
  })

/**
 * A test with a config file and a fake cloud. At its end the folder holds nothing else, and nothing that was logged
 * shows a secret.
 */
export const scenario = <E>(
  title: string,
  options: Options,
  body: (world: LoginWorld) => Effect.Effect<void, E, Scope.Scope>
): void => {
  it.scoped(title, () => {
    const logged = makeLogged()
    return Effect.gen(function*() {
      yield* TestClock.setTime(start)
      const world = yield* make(options, logged)
      yield* body(world)
      assert.deepStrictEqual(Fs.readdirSync(join(world.file, "..")), ["config.json"])
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logged.logger)))
  })
}

/** A session with its secrets, to compare it with what a file holds. */
export const sessionOf = (credentials: Credentials.Credentials): Fields => {
  assert.strictEqual(credentials._tag, "Sts")
  return credentials._tag !== "Sts" ? {} : {
    access_key_id: credentials.accessKeyId,
    access_key_secret: Redacted.value(credentials.accessKeySecret),
    sts_token: Redacted.value(credentials.securityToken),
    sts_expiration: Option.getOrUndefined(
      Option.map(credentials.expiration, (end) => DateTime.toEpochMillis(end) / 1000)
    )
  }
}

/** The session that a profile holds. */
export const sessionIn = (profile: Fields): Fields => ({
  access_key_id: profile["access_key_id"],
  access_key_secret: profile["access_key_secret"],
  sts_token: profile["sts_token"],
  sts_expiration: profile["sts_expiration"]
})

/** One resolution in a process of its own. */
export const get = (world: LoginWorld, profileName?: string) =>
  Effect.flatMap(world.process(profileName), (made) => made.get)

/** The login that the file must hold, as the service knows it. */
export const tokens = (world: LoginWorld) =>
  Effect.map(world.cloud.oauthLogin("alice"), (login) => ({
    oauth_access_token: login?.currentAccessToken,
    oauth_refresh_token: login?.currentRefreshToken
  }))

export const tokensIn = (profile: Fields): Fields => ({
  oauth_access_token: profile["oauth_access_token"],
  oauth_refresh_token: profile["oauth_refresh_token"]
})

const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Waits for something that real work brings about; the clock stands still. */
export const eventually = <E>(check: Effect.Effect<boolean, E>): Effect.Effect<void, E> =>
  Effect.zipRight(turn, check).pipe(Effect.repeat({ until: (done) => done }), Effect.asVoid)

/** The longest pause between two looks at a lock. */
const pauseMillis = 200

/** Runs an effect to its end; the clock moves on while it waits for a lock, not to a deadline. */
export const drive = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(self)
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      const now = yield* Clock.currentTimeMillis
      const pauses = Arr.filter(yield* TestClock.sleeps(), (at) => at > now && at <= now + pauseMillis)
      yield* Arr.isNonEmptyArray(pauses) ? TestClock.setTime(Arr.min(pauses, Order.number)) : turn
    }
    return yield* Fiber.join(fiber)
  })
