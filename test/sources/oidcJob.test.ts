import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as OidcToken from "@effect-alicloud/credentials/OidcToken"
import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Effect, Option, TestClock } from "effect"
import { cloud, journal, setFaults } from "../kit/cloud.ts"
import { turn } from "../kit/drive.ts"
import { ciWorld, githubVariables, job } from "../kit/tokens.ts"
import { build, withEnv } from "../kit/world.ts"

describe("a job of six hours on GitHub Actions", () => {
  it.scoped("has a session at every moment, and a token for each request, through outages longer than a token", () => {
    const { layer, requests, parameter } = cloud(ciWorld("github-actions", 300))
    return Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2026, 0, 2))
      const provider = yield* build(job(OidcToken.githubActions(), { roleSessionExpiration: 900 }))
      yield* provider.get
      for (let minute = 0; minute < 360; minute += 2) {
        // Within each hour STS is out of order for four minutes, and GitHub for four.
        const phase = minute % 60
        if (phase === 20) yield* setFaults({ endpoint: "sts", kind: "status", status: 503 })
        if (phase === 24 || phase === 44) yield* setFaults()
        if (phase === 40) yield* setFaults({ endpoint: "oidc", kind: "status", status: 500 })
        yield* TestClock.adjust("2 minutes")
        yield* Effect.repeatN(turn, 5)
        const end = Option.getOrThrow(Credentials.expirationOf(yield* provider.get))
        assert.isAbove(DateTime.toEpochMillis(end), yield* Clock.currentTimeMillis, `minute ${minute}`)
      }
      const sent = requests.flatMap((_, index) => parameter(index, "OIDCToken") ?? [])
      assert.strictEqual(new Set(sent).size, sent.length)
      const given = (yield* journal).filter(({ endpoint, status }) => endpoint.startsWith("oidc") && status === 200)
      assert.strictEqual(given.length, sent.length)
      assert.isAbove(sent.length, 360 / 15)
      assert.isBelow(sent.length, 120)
    }).pipe(Effect.provide(layer), withEnv(githubVariables))
  })
})
