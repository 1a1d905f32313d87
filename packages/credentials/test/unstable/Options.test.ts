import { assert, describe, it } from "@effect/vitest"
import { Either, Redacted, Schema } from "effect"
import { assertNoLeak, marker } from "../../../../test/kit/leaks.ts"
import { atFile } from "../../src/CredentialsError.ts"
import * as Options from "../../src/unstable/Options.ts"

const Settings = Schema.Struct({
  url: Options.NonEmptyText,
  token: Schema.Redacted(Options.NonEmptyText),
  timeout: Schema.optional(Options.DurationInput)
})

const decode = Options.decode("Broker", Settings, atFile("/etc/broker.json"))

describe("settings from outside", () => {
  it("become typed options without white space around them", () => {
    const { token, ...rest } = Either.getOrThrow(decode({ url: " https://a\n", token: `${marker}\n`, timeout: 500 }))
    assert.deepStrictEqual(rest, { url: "https://a", timeout: 500 })
    assert.strictEqual(Redacted.value(token), marker)
  })

  it("that are wrong or unknown are an InvalidConfig at their place, with every issue and no value", () => {
    const error = Either.getOrThrow(Either.flip(decode({ url: [marker], tokn: marker, timeout: -1 })))
    assert.strictEqual(
      error.message,
      "Broker is misconfigured in /etc/broker.json: tokn is not known here: did you mean token?; url must be a string, " +
        "not array; token is missing; timeout must be a duration longer than zero, not number."
    )
    assertNoLeak(error)
  })

  it("are options in code where no place is given", () => {
    const error = Either.getOrThrow(Either.flip(Options.decode("Broker", Settings)(marker)))
    assert.strictEqual(error.message, "Broker is misconfigured in its options: they must be an object, not string.")
  })
})
