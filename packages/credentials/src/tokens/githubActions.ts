/**
 * The token of a job in GitHub Actions. Public as `OidcToken.githubActions`.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { CredentialsError } from "../CredentialsError.ts"
import { atVariables, invalidConfig } from "../CredentialsError.ts"
import * as env from "../internal/environment/env.ts"
import * as tokenEndpoint from "../internal/source/tokenEndpoint.ts"
import { percentEncode } from "../Signature.ts"
import { defaultTimeouts } from "../unstable/Transport.ts"

const variables = { url: "ACTIONS_ID_TOKEN_REQUEST_URL", token: "ACTIONS_ID_TOKEN_REQUEST_TOKEN" } as const

const permission = "give the job `permissions:` with `id-token: write` in the workflow"

/**
 * The token of a job in GitHub Actions or Forgejo Actions, about five minutes long.
 *
 * The workflow needs `permissions: id-token: write`; the runner then sets `ACTIONS_ID_TOKEN_REQUEST_URL` and
 * `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. Without them it fails with `InvalidConfig`. The request is a GET of that URL with the
 * parameter `audience` and the request token as bearer; the response is JSON with the token in `value`.
 *
 * See [OpenID Connect in GitHub Actions](https://docs.github.com/en/actions/reference/security/oidc).
 *
 * @example
 * ```ts
 * import { OidcRoleArn, OidcToken } from "@effect-alicloud/credentials"
 *
 * const layer = OidcRoleArn.layer({
 *   roleArn: "acs:ram::1234567890123456:role/deploy",
 *   oidcProviderArn: "acs:ram::1234567890123456:oidc-provider/github",
 *   oidcToken: OidcToken.githubActions()
 * })
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const githubActions = (options: {
  /** Who the token is for. Default `sts.aliyuncs.com`. */
  readonly audience?: string | undefined
} = {}): Effect.Effect<Redacted.Redacted, CredentialsError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const environment = yield* env.capture(tokenEndpoint.source)
    const given = yield* environment.text(variables.url)
    const requestToken = yield* environment.secret(variables.token)
    if (given === undefined || requestToken === undefined) {
      return yield* invalidConfig(
        tokenEndpoint.source,
        atVariables(variables.url, variables.token),
        `the runner has not set them: ${permission}`
      )
    }
    const url = yield* tokenEndpoint.secureUrl(variables.url, given)
    const audience = percentEncode(options.audience ?? tokenEndpoint.defaultAudience)
    return yield* tokenEndpoint.request({
      platform: "GitHub Actions",
      request: HttpClientRequest.get(`${url}${url.includes("?") ? "&" : "?"}audience=${audience}`).pipe(
        HttpClientRequest.acceptJson,
        HttpClientRequest.setHeader("authorization", `bearer ${Redacted.value(requestToken)}`)
      ),
      timeouts: defaultTimeouts,
      direct: false,
      hint: `The request token may have ended with its job; otherwise ${permission}.`,
      read: tokenEndpoint.field("value")
    })
  })
