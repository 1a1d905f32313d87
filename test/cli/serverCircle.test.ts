import * as CliProfile from "@effect-alicloud/credentials/CliProfile"
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import { assert, describe, it } from "@effect/vitest"
import type { Scope } from "effect"
import { DateTime, Effect, Logger, Redacted } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import type { Guard } from "../../packages/cli/src/server/circle.ts"
import * as circle from "../../packages/cli/src/server/circle.ts"
import { serve } from "../../packages/cli/src/server/PrivateServer.ts"
import { random } from "../../packages/cli/src/server/secret.ts"
import { makeFolder } from "../kit/children.ts"

const ended = Credentials.sts({
  type: "sts",
  providerName: "test",
  accessKeyId: "STS.Ended",
  accessKeySecret: "s3cr3t",
  securityToken: "s3cr3t-token",
  expiration: DateTime.unsafeMake(0)
})

/** A file of profiles, servers of its profiles whose sessions have ended, and clients. */
const world = Effect.gen(function*() {
  const configFile = join(yield* makeFolder("circle-"), "config.json")
  const logged: Array<string> = []
  const logger = Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ annotations }) => void logged.push(...Array.from(annotations, ([, value]) => String(value))))
  )
  let requests = 0
  const counting = (guard: Guard): Guard => ({
    ...guard,
    answer: (request, answer) => {
      requests++
      return guard.answer(request, answer)
    }
  })
  return {
    logged,
    requests: () => requests,
    write: (profiles: Readonly<Record<string, object>>) =>
      Fs.writeFileSync(
        configFile,
        JSON.stringify({ profiles: Object.entries(profiles).map(([name, fields]) => ({ name, ...fields })) }),
        { mode: 0o600 }
      ),
    server: (profileName: string) =>
      Effect.gen(function*() {
        const guard = circle.make()
        const source = guard.mark(yield* CliProfile.make({ configFile, profileName }))
        const provider = yield* CredentialsProvider.make(source)
        const token = random()
        const { uri } = yield* serve(provider, ended, {
          host: "127.0.0.1",
          port: 0,
          token,
          imds: false,
          circle: counting(guard)
        })
        const address = Redacted.value(uri)
        return {
          token: Redacted.value(token),
          shown: JSON.stringify(new URL(address).origin),
          profile: { mode: "CredentialsURI", credentials_uri: address }
        }
      }).pipe(Effect.provide(logger)),
    client: (profileName: string) =>
      Effect.flip(Effect.flatMap(CliProfile.make({ configFile, profileName }), ({ get }) => get))
  }
})

const test = (title: string, self: () => Effect.Effect<void, unknown, Scope.Scope | CliProfile.Requirements>) =>
  it.scopedLive(title, () => Effect.provide(self(), NodePlatform.layer))

describe("a profile of mode CredentialsURI", () => {
  test("that is answered by a server of the same profile fails and shows the circle", () =>
    Effect.gen(function*() {
      const { client, logged, requests, server, write } = yield* world
      const only = yield* server("a")
      write({ a: only.profile })
      const { message } = yield* client("a")
      assert.include(message, `(credentials_uri): it leads back to itself: ${only.shown} -> ${only.shown}.`)
      assert.strictEqual(requests(), 2)
      assert.lengthOf(logged, 1)
      assert.include(logged[0], `it leads back to itself: ${only.shown} -> ${only.shown}.`)
      assert.notInclude(message + logged[0], only.token)
    }))

  test("that is answered by two servers which lead to one another fails in the same way", () =>
    Effect.gen(function*() {
      const { client, logged, requests, server, write } = yield* world
      const [a, b] = [yield* server("a"), yield* server("b")]
      write({ a: b.profile, b: a.profile })
      const round = `it leads back to itself: ${a.shown} -> ${b.shown} -> ${a.shown}.`
      assert.include((yield* client("b")).message, round)
      assert.strictEqual(requests(), 3)
      assert.lengthOf(logged, 2)
      for (const line of logged) assert.include(line, round)
    }))

  test("is not answered through more than three servers", () =>
    Effect.gen(function*() {
      const { client, requests, server, write } = yield* world
      const [a, b, c, d] = [yield* server("a"), yield* server("b"), yield* server("c"), yield* server("d")]
      write({ a: b.profile, b: c.profile, c: d.profile, d: a.profile })
      const shown = [a, b, c, d].map((server) => server.shown).join(" -> ")
      assert.include((yield* client("d")).message, `it leads through too many others: ${shown}.`)
      assert.strictEqual(requests(), 3)
    }))

  test("may be answered through three servers", () =>
    Effect.gen(function*() {
      const { client, requests, server, write } = yield* world
      const [a, b, c] = [yield* server("a"), yield* server("b"), yield* server("c")]
      const pair = { mode: "StsToken", access_key_id: "STS.Good", access_key_secret: "s3cr3t", sts_token: "s3cr3t" }
      write({
        a: b.profile,
        b: c.profile,
        c: pair,
        first: a.profile
      })
      const found = yield* Effect.flip(client("first"))
      assert.strictEqual("accessKeyId" in found && found.accessKeyId, "STS.Good")
      assert.strictEqual(requests(), 3)
    }))
})
