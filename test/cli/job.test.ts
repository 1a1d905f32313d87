/** The tool in a job of GitHub Actions, against the fake cloud over TLS. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { ciWorld, githubVariables, requestToken, roleVariables } from "../kit/tokens.ts"
import { Cli, reportIn, withCli } from "./utils/world.ts"

const variables = { ...roleVariables, ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: "github-actions" }

describe("in a job of GitHub Actions", () => {
  withCli({ ...ciWorld(), sessionSecondsScale: 3 / 3600 }, (test) => {
    test("exec keeps the session of its command fresh, with a token for each session", () =>
      Effect.gen(function*() {
        const { client, cloud, run, tool } = yield* Cli
        const ended = yield* run([...tool, "exec", "--", ...client, "official", "2"], {
          env: { ...variables, ...githubVariables }
        })
        assert.strictEqual(ended.code, 0, ended.err)
        const { failures, reads } = reportIn(ended)
        assert.deepStrictEqual(failures, [])
        assert.lengthOf(new Set(reads.map(({ accessKeyId }) => accessKeyId)), 2)
        assert.strictEqual(yield* cloud.count("oidc.github-actions"), yield* cloud.count("sts.AssumeRoleWithOIDC"))
        assert.notInclude(ended.out + ended.err, requestToken)
      }))
  })
})
