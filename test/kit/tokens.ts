/** A job in CI, and a role that trusts its tokens. */
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import type * as OidcToken from "@effect-alicloud/credentials/OidcToken"
import { FakeAlicloud, type WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import type { FileSystem, HttpClient } from "@effect/platform"
import { Clock, Effect, Layer, Redacted } from "effect"
import { accountId, roleArn } from "./cloud.ts"
import { files } from "./world.ts"

export const requestToken = "s3cr3t-request-token"

export const provider = { arn: `acs:ram::${accountId}:oidc-provider/ci`, issuer: "https://ci.example.com" }

/** A world in which a platform hands out tokens that the role `job` trusts. */
export const ciWorld = (
  platform: NonNullable<WorldInput["tokenPlatforms"]>[number]["platform"] = "github-actions",
  tokenSeconds?: number
): WorldInput => ({
  roles: [{ arn: roleArn("job"), trustedOidcProviders: [provider.arn] }],
  oidcProviders: [provider],
  tokenPlatforms: [{
    platform,
    issuer: provider.issuer,
    subject: "job-1",
    requestToken,
    ...(tokenSeconds === undefined ? {} : { tokenSeconds })
  }]
})

export const githubVariables = {
  ACTIONS_ID_TOKEN_REQUEST_URL: "https://run-actions-1.actions.githubusercontent.com/121//idtoken/x/y?api-version=2.0",
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken
}

/** The variables of the role and its provider. */
export const roleVariables = {
  ALIBABA_CLOUD_ROLE_ARN: roleArn("job"),
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: provider.arn
}

/** The layer of the role, with a token. */
export const job = (
  oidcToken: OidcToken.OidcToken<FileSystem.FileSystem | HttpClient.HttpClient>,
  more: OidcRoleArn.Config = {}
) =>
  Layer.provide(
    OidcRoleArn.layer({ ...more, roleArn: roleArn("job"), oidcProviderArn: provider.arn, oidcToken }),
    files({})
  )

/** A token of the provider that is good for five minutes, but for the claims that are given. Times are from now on. */
export const token = (
  { from = 0, until = 300, ...claims }: Readonly<Record<string, unknown>> & { from?: number; until?: number } = {}
): Effect.Effect<Redacted.Redacted, never, FakeAlicloud> =>
  Effect.gen(function*() {
    const fake = yield* FakeAlicloud
    const seconds = (yield* Clock.currentTimeMillis) / 1000
    const all = {
      iss: provider.issuer,
      sub: "job-1",
      aud: "sts.aliyuncs.com",
      iat: seconds + from,
      exp: seconds + until
    }
    return Redacted.make(yield* fake.signOidcToken({ ...all, ...claims }))
  })
