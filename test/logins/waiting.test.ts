/** How long logins wait for their user, by the clock of tests. */
import { CloudSsoLogin, LoginServices, OAuthLogin } from "@effect-alicloud/credentials"
import * as Fake from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, TestClock } from "effect"

const host = "signin-cn-shanghai.alibabacloudsso.com"

/** A user who sees the page and does nothing. */
const idle = Layer.mergeAll(
  Layer.succeed(LoginServices.Browser, { open: () => Effect.succeed(true) }),
  Layer.succeed(LoginServices.Callback, {
    listen: () => Effect.succeed({ redirectUri: "http://127.0.0.1:12345/cli/callback", received: Effect.never })
  }),
  Layer.succeed(LoginServices.Prompt, {
    show: () => Effect.void,
    choose: () => Effect.never,
    paste: () => Effect.never
  })
)

const polls = Effect.map(
  Effect.flatMap(Fake.FakeAlicloud, ({ journal }) => journal),
  (entries) => entries.filter(({ endpoint }) => endpoint === "cloudsso.token").map(({ at }) => at)
)

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

describe("a login whose user does nothing", () => {
  it.effect("with a browser ends after five minutes", () =>
    Effect.gen(function*() {
      const waiting = yield* Effect.fork(Effect.flip(OAuthLogin.login({ siteType: "INTL" })))
      yield* TestClock.adjust("299 seconds")
      assert.isNull(waiting.unsafePoll())
      yield* TestClock.adjust("1 seconds")
      assert.include((yield* Fiber.join(waiting)).message, "there was no sign-in within 5m")
    }).pipe(Effect.provide(Layer.merge(idle, Fake.layer({})))))

  it.effect("to CloudSSO asks at the interval of the service, at most a hundred times, and ends", () =>
    Effect.gen(function*() {
      const login = CloudSsoLogin.login({ signInUrl: `https://${host}/start/login` })
      const waiting = yield* Effect.fork(Effect.flip(login))
      // The answers take their time, which is not the clock's.
      yield* Effect.repeat(Effect.zipRight(TestClock.adjust("200 millis"), turn), {
        until: () => waiting.unsafePoll() !== null
      })
      assert.include((yield* Fiber.join(waiting)).message, "the sign-in was not confirmed in time")
      const times = yield* polls
      assert.strictEqual(times.length, 100)
      assert.isTrue(times.every((at, index) => at - (times[index - 1] ?? 0) >= 2000))
    }).pipe(Effect.provide(Layer.merge(idle, Fake.layer({ cloudSsoSites: [{ host, pollSeconds: 2 }] })))))
})
