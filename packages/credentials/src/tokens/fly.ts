/**
 * The token of a machine of Fly.io. Public as `OidcToken.fly`.
 *
 * @module
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { CredentialsError } from "../CredentialsError.ts"
import { atOptions, invalidConfig } from "../CredentialsError.ts"
import * as tokenEndpoint from "../internal/source/tokenEndpoint.ts"
import { SocketClient } from "../Platform.ts"

/**
 * The token of a machine of Fly.io, some minutes long.
 *
 * The request is a POST of `{"aud": …}` to `/v1/tokens/oidc` over the Unix socket `/.fly/api`; the response is the token as
 * text. Where the runtime has no `SocketClient` it fails with `InvalidConfig`; `@effect-alicloud/node` has one.
 *
 * See [OpenID Connect on Fly.io](https://fly.io/docs/security/openid-connect/).
 *
 * @since 0.1.0
 * @category constructors
 */
export const fly = (options: {
  /** Who the token is for. Default `sts.aliyuncs.com`. */
  readonly audience?: string | undefined
} = {}): Effect.Effect<Redacted.Redacted, CredentialsError> =>
  Effect.flatMap(
    SocketClient,
    Option.match({
      onNone: (): Effect.Effect<Redacted.Redacted, CredentialsError> =>
        invalidConfig(
          tokenEndpoint.source,
          atOptions("oidcToken"),
          "the token of Fly.io comes from a Unix socket, which needs the platform of @effect-alicloud/node"
        ),
      onSome: (clientOf) =>
        tokenEndpoint.request({
          platform: "Fly.io",
          request: HttpClientRequest.post("http://localhost/v1/tokens/oidc").pipe(
            HttpClientRequest.bodyUnsafeJson({ aud: options.audience ?? tokenEndpoint.defaultAudience })
          ),
          timeouts: tokenEndpoint.metadataTimeouts,
          direct: true,
          hint: "The machine's socket /.fly/api gives no token: check that it runs on Fly.io.",
          absent: "Only machines of Fly.io have the socket /.fly/api.",
          read: tokenEndpoint.whole
        }).pipe(Effect.provideService(HttpClient.HttpClient, clientOf("/.fly/api")))
    })
  )
