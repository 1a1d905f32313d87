/**
 * The token of a job of Buildkite. Public as `OidcToken.buildkite`.
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

const variables = {
  endpoint: "BUILDKITE_AGENT_ENDPOINT",
  job: "BUILDKITE_JOB_ID",
  token: "BUILDKITE_AGENT_ACCESS_TOKEN"
} as const

/**
 * The token of a job of Buildkite, five minutes long.
 *
 * The agent sets `BUILDKITE_JOB_ID`, `BUILDKITE_AGENT_ACCESS_TOKEN` and perhaps `BUILDKITE_AGENT_ENDPOINT`, default
 * `https://agent.buildkite.com/v3`. Without the first two it fails with `InvalidConfig`. The request is a POST of
 * `{"audience": …}` to `/jobs/<job id>/oidc/tokens` with the access token; the response is JSON with the token in `token`.
 *
 * See [OIDC with Buildkite](https://buildkite.com/docs/pipelines/security/oidc).
 *
 * @since 0.1.0
 * @category constructors
 */
export const buildkite = (options: {
  /** Who the token is for. Default `sts.aliyuncs.com`. */
  readonly audience?: string | undefined
} = {}): Effect.Effect<Redacted.Redacted, CredentialsError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const environment = yield* env.capture(tokenEndpoint.source)
    const job = yield* environment.text(variables.job)
    const accessToken = yield* environment.secret(variables.token)
    if (job === undefined || accessToken === undefined) {
      return yield* invalidConfig(
        tokenEndpoint.source,
        atVariables(variables.job, variables.token),
        "the agent has not set them: they exist in jobs of Buildkite only"
      )
    }
    const endpoint = yield* tokenEndpoint.secureUrl(
      variables.endpoint,
      (yield* environment.text(variables.endpoint)) ?? "https://agent.buildkite.com/v3"
    )
    return yield* tokenEndpoint.request({
      platform: "Buildkite",
      request: HttpClientRequest.post(`${endpoint.replace(/\/$/, "")}/jobs/${percentEncode(job)}/oidc/tokens`).pipe(
        HttpClientRequest.acceptJson,
        HttpClientRequest.setHeader("authorization", `Token ${Redacted.value(accessToken)}`),
        HttpClientRequest.bodyUnsafeJson({ audience: options.audience ?? tokenEndpoint.defaultAudience })
      ),
      timeouts: defaultTimeouts,
      direct: false,
      hint: "Only the job that is running gets tokens: its access token may have ended.",
      read: tokenEndpoint.field("token")
    })
  })
