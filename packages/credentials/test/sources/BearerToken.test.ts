import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Option, Redacted } from "effect"
import { assertNoLeak, marker } from "../../../../test/kit/leaks.ts"
import { problemsOf } from "../../../../test/kit/problems.ts"
import { buildError, getOf, secretsOf, untyped, withEnv } from "../../../../test/kit/world.ts"
import * as BearerToken from "../../src/sources/BearerToken.ts"

const bearerToken = Redacted.make(`${marker}-bearer`)

describe("BearerToken", () => {
  it.effect("returns the given token, and no rendering shows it", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(BearerToken.layer({ bearerToken }))
      assert.strictEqual(credentials._tag, "Bearer")
      assert.strictEqual(credentials.type, "bearer")
      assert.deepStrictEqual(secretsOf(credentials), [`${marker}-bearer`])
      assertNoLeak(credentials)
    }))

  it.effect("says which header carries the token when it is not the usual one", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(BearerToken.layer({ bearerToken, headerName: "x-my-token" }))
      assert.deepStrictEqual(credentials._tag === "Bearer" && credentials.headerName, Option.some("x-my-token"))
    }))

  const bad: ReadonlyArray<readonly [title: string, config: unknown, issue: string]> = [
    ["no token", {}, "bearerToken is missing"],
    ["a string for a token", { bearerToken: marker }, "bearerToken must be a non-empty Redacted string, not string"],
    ["an empty token", { bearerToken: Redacted.make(" ") }, "bearerToken must be a non-empty string"],
    [
      "a header name with white space",
      { bearerToken, headerName: `x ${marker}` },
      "headerName must be the name of an HTTP header"
    ],
    [
      "a header name that breaks lines",
      { bearerToken, headerName: "x\r\ny" },
      "headerName must be the name of an HTTP header"
    ],
    ["an empty header name", { bearerToken, headerName: "" }, "headerName must be the name of an HTTP header"],
    ["null for a header name", { bearerToken, headerName: null }, "headerName must be a string, not null"],
    ["an unknown option", { bearerToken, token: marker }, "token is not known here"]
  ]
  for (const [title, config, issue] of bad) {
    it.effect(`rejects ${title} when it is built`, () =>
      Effect.gen(function*() {
        const error = yield* buildError(BearerToken.layer(untyped(config)))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.strictEqual(error.source, "BearerToken")
        assert.deepStrictEqual(problemsOf(error), [issue])
      }).pipe(withEnv({ ALIBABA_CLOUD_BEARER_TOKEN: `${marker}-other` })))
  }

  it.effect("layerConfig names the variable that is not set", () =>
    Effect.gen(function*() {
      const layer = BearerToken.layerConfig({ bearerToken: Config.redacted("CALL_CENTRE_TOKEN") })
      const error = yield* buildError(layer).pipe(withEnv({}))
      assert.strictEqual(
        error.message,
        "BearerToken is misconfigured in CALL_CENTRE_TOKEN: CALL_CENTRE_TOKEN is not set."
      )
      const credentials = yield* getOf(layer).pipe(withEnv({ CALL_CENTRE_TOKEN: `${marker}-1` }))
      assert.deepStrictEqual(secretsOf(credentials), [`${marker}-1`])
    }))
})
