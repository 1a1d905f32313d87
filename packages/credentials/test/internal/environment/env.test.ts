import { assert, describe, it } from "@effect/vitest"
import { Cause, ConfigError, ConfigProvider, Effect, Redacted } from "effect"
import { errorOf, marker } from "../../../../../test/kit/leaks.ts"
import { problemsOf } from "../../../../../test/kit/problems.ts"
import { withEnv } from "../../../../../test/kit/world.ts"
import * as env from "../../../src/internal/environment/env.ts"
import * as Circle from "../../../src/unstable/Circle.ts"

describe("the environment of a source", () => {
  it.effect("is the one it was captured in, not the reader's", () =>
    Effect.gen(function*() {
      const captured = yield* env.capture("Test").pipe(withEnv({ NAME: "first" }))
      assert.strictEqual(yield* captured.text("NAME").pipe(withEnv({ NAME: "second" })), "first")
      assert.isUndefined(yield* captured.text("OTHER").pipe(withEnv({ OTHER: "second" })))
    }))

  it.effect("white space around a value is dropped, and a value that is nothing else counts as not set", () =>
    Effect.gen(function*() {
      const captured = yield* env.capture("Test")
      assert.strictEqual(yield* captured.text("PADDED"), "a b")
      assert.strictEqual(Redacted.value((yield* captured.secret("SECRET"))!), marker)
      for (const name of ["EMPTY", "BLANK", "ABSENT"]) {
        assert.isUndefined(yield* captured.text(name))
        assert.isUndefined(yield* captured.secret(name))
        assert.isFalse(yield* captured.isTrue(name))
      }
    }).pipe(withEnv({ PADDED: "\t a b\r\n", SECRET: ` ${marker} `, EMPTY: "", BLANK: " \n" })))

  it.effect("only the word true is true", () =>
    Effect.gen(function*() {
      const values = ["true", "TRUE", " True\n", "1", "yes", "on", "truee", "false", ""]
      const captured = yield* env.capture("Test").pipe(
        withEnv(Object.fromEntries(values.map((value, index) => [`V${index}`, value])))
      )
      const read = yield* Effect.forEach(values, (_, index) => captured.isTrue(`V${index}`))
      assert.deepStrictEqual(read, [true, true, true, false, false, false, false, false, false])
    }))

  it.effect("a variable that the runtime does not let the program read is an error, not a defect, and leads through nothing", () =>
    Effect.gen(function*() {
      const denied = ConfigProvider.make({
        load: () => Effect.die(marker),
        flattened: ConfigProvider.fromMap(new Map()).flattened
      })
      const captured = yield* env.capture("Test").pipe(Effect.withConfigProvider(denied))
      const error = yield* errorOf(captured.text("NAME"))
      assert.deepStrictEqual(problemsOf(error), ["it cannot be read"])
      assert.deepStrictEqual(yield* Circle.current(captured), [])
    }))

  it.effect("a variable that cannot be read is named, not shown", () =>
    Effect.gen(function*() {
      const broken = ConfigProvider.make({
        load: () => Effect.fail(ConfigError.SourceUnavailable([], marker, Cause.empty)),
        flattened: ConfigProvider.fromMap(new Map()).flattened
      })
      const captured = yield* env.capture("Test").pipe(Effect.withConfigProvider(broken))
      const error = yield* errorOf(captured.text("NAME"))
      assert.strictEqual(error.message, "Test is misconfigured in NAME: it cannot be read.")
    }))

  it.effect("variables of an identity are hidden from a source whose fields come from a profile, the others are not", () =>
    Effect.gen(function*() {
      const captured = yield* Effect.provideService(env.capture("Test"), env.IdentityVariables, false)
      assert.isUndefined(yield* captured.identity("ALIBABA_CLOUD_ROLE_ARN"))
      assert.isUndefined(yield* captured.identity("ALIBABA_CLOUD_CREDENTIALS_URI"))
      assert.strictEqual(yield* captured.text("ALIBABA_CLOUD_STS_REGION"), "cn-hangzhou")
    }).pipe(withEnv({
      ALIBABA_CLOUD_ROLE_ARN: "role",
      ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1",
      ALIBABA_CLOUD_STS_REGION: "cn-hangzhou"
    })))
})
