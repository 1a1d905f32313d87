/** Reads the world that a test gives `FakeAlicloud`: a field that is unknown or wrong fails with `InvalidWorld`. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import { InvalidWorld, World, type WorldInput } from "../World.ts"
import { importPublicKey } from "./rsaPublicKey.ts"

const decodeUnknown = ParseResult.decodeUnknown(World, { errors: "all", onExcessProperty: "error" })

const describe = (issue: ParseResult.ParseIssue): ReadonlyArray<string> =>
  ParseResult.ArrayFormatter.formatIssueSync(issue).map(({ message, path }) =>
    path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`
  )

export const decodeWorld: (input: WorldInput) => Effect.Effect<World, InvalidWorld> = Effect.fnUntraced(
  function*(input) {
    const world = yield* Effect.mapError(
      decodeUnknown(input),
      (issue) => new InvalidWorld({ issues: Arr.dedupe(describe(issue)) })
    )
    const unreadable = yield* Effect.filter(
      world.publicKeys,
      ({ publicKey }) => Effect.map(importPublicKey(publicKey), (key) => key === null)
    )
    if (unreadable.length > 0) {
      return yield* new InvalidWorld({
        issues: unreadable.map(({ publicKeyId }) => `public key ${publicKeyId} is not an RSA key in SPKI PEM`)
      })
    }
    return world
  }
)
