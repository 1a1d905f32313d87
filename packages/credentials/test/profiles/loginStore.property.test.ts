import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Either, FastCheck as fc, Logger, Redacted } from "effect"
import { file } from "../../../../test/kit/lockWorld.ts"
import * as memoryFiles from "../../../../test/kit/memoryFiles.ts"
import * as oauthAnswer from "../../src/internal/login/oauthAnswer.ts"
import type { Login } from "../../src/internal/login/store.ts"
import * as loginStore from "../../src/profiles/loginStore.ts"
import * as CliConfigFile from "../../src/unstable/CliConfigFile.ts"

const now = Date.UTC(2026, 0, 2, 3, 4, 5)

const before: Login = { refreshToken: Redacted.make("s3cr3t-refresh-0") }

const fresh = JSON.stringify({
  current: "default",
  profiles: [{ name: "default", mode: "OAuth", oauth_site_type: "CN", oauth_refresh_token: "s3cr3t-refresh-0" }]
})

/** Saves a login in one process and reads it in another. */
const throughFile = (login: Login, fields: loginStore.LoginFields) =>
  Effect.gen(function*() {
    const warnings: Array<unknown> = []
    const files = memoryFiles.make()
    files.put(file, fresh)
    const store = loginStore.make.pipe(
      Effect.flatMap((make) =>
        Effect.map(
          CliConfigFile.open("CliProfile", file, (path, decode) => decode(files.textOf(path) ?? "")),
          (opened) => make("CliProfile", opened, "default", fields)
        )
      ),
      Effect.provideService(FileSystem.FileSystem, files.fileSystem)
    )
    yield* (yield* store).exclusively((held) => Effect.zipRight(held.load, held.save(login))).pipe(
      Effect.provide(Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ annotations, message }) => warnings.push([message, ...annotations]))
      ))
    )
    assert.isTrue(warnings.length === 0, JSON.stringify(warnings))
    return yield* (yield* store).peek
  }).pipe(Effect.provide(Path.layer))

/** What is left of a value in a file: halves of characters cannot be sent. */
const clean = (value: string): string => value.trim().replace(/\p{Cs}/gu, "\uFFFD")

const text = (value: Redacted.Redacted | undefined): string | undefined => value && clean(Redacted.value(value))

const wholeSeconds = (moment: DateTime.Utc | undefined): number | undefined =>
  moment && Math.floor(DateTime.toEpochMillis(moment) / 1000)

const odd = fc.constantFrom<unknown>(1e300, -1, 0, 0.5, 1800.9, 2 ** 53, "1800", "1e300", "NaN", " ", "0x10", null, {})

const lifetime = fc.oneof(odd, fc.double(), fc.integer(), fc.string(), fc.jsonValue())

const token = fc.oneof(fc.string(), fc.fullUnicodeString(), fc.constantFrom(" ", "\u0000", " x "))

describe("what is written can be read", () => {
  it.effect.prop(
    "whatever the answer to a refresh is",
    [fc.record({
      access_token: token,
      refresh_token: fc.option(token, { freq: 3 }),
      expires_in: lifetime
    }, { requiredKeys: ["access_token"] })],
    ([answer]) =>
      Effect.gen(function*() {
        const decoded = yield* Effect.either(oauthAnswer.readToken(JSON.stringify(answer)))
        if (Either.isLeft(decoded)) return
        const login = oauthAnswer.loginOf(decoded.right, now, Redacted.make("s3cr3t-refresh-0"))
        assert.isAbove(login.accessTokenExpire ?? 0, now / 1000 - 1)
        assert.isTrue(DateTime.make((login.accessTokenExpire ?? Number.NaN) * 1000)._tag === "Some")
        const read = yield* throughFile(login, loginStore.oauthFields)
        assert.strictEqual(text(read.accessToken), text(login.accessToken))
        assert.strictEqual(text(read.refreshToken), text(login.refreshToken))
        assert.strictEqual(read.accessTokenExpire, login.accessTokenExpire)
      }),
    {
      fastCheck: {
        numRuns: 25,
        examples: [1e300, -1, 0.5, "NaN"].map((
          expires_in
        ): [{ access_token: string; expires_in: unknown }] => [{ access_token: "s3cr3t", expires_in }])
      }
    }
  )

  it.effect.prop(
    "whatever the session is",
    [
      fc.record({
        accessKeyId: token,
        accessKeySecret: token,
        securityToken: token,
        expiration: fc.oneof(
          fc.date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true })
            .map((date) => date.toISOString()),
          fc.constantFrom("1970-01-01T00:00:00Z", "1970-01-01T00:00:05Z", "9999-12-31T23:59:59-23:59")
        )
      }, { requiredKeys: ["accessKeyId", "accessKeySecret", "securityToken"] }),
      fc.constantFrom(loginStore.oauthFields, loginStore.cloudSsoFields)
    ],
    ([answer, fields]) =>
      Effect.gen(function*() {
        const decoded = yield* Effect.either(oauthAnswer.readSession(JSON.stringify(answer)))
        if (Either.isLeft(decoded)) return
        const { session } = yield* throughFile({ ...before, session: decoded.right }, fields)
        if (session === undefined) return
        assert.strictEqual(session.accessKeyId, clean(decoded.right.accessKeyId))
        assert.strictEqual(text(session.securityToken), text(decoded.right.securityToken))
        assert.strictEqual(
          wholeSeconds(session.expiration),
          (wholeSeconds(decoded.right.expiration) ?? 0) - fields.sessionMarginSeconds
        )
      }),
    { fastCheck: { numRuns: 25 } }
  )
})
