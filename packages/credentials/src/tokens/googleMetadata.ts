/**
 * The identity token of a machine of Google Cloud. Public as `OidcToken.googleMetadata`.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { SourceFailed } from "../CredentialsError.ts"
import * as tokenEndpoint from "../internal/source/tokenEndpoint.ts"
import { percentEncode } from "../Signature.ts"

const address = "http://metadata.google.internal"

/**
 * The identity token of the service account of a machine of Google Cloud: Compute Engine, GKE, Cloud Run. About an hour long.
 *
 * The request is a GET to the metadata server with the parameter `audience` and the header `Metadata-Flavor: Google`, never
 * through a proxy; the response is the token as text.
 *
 * See [Verify the identity of instances](https://cloud.google.com/compute/docs/instances/verifying-instance-identity).
 *
 * @since 0.1.0
 * @category constructors
 */
export const googleMetadata = (options: {
  /** Who the token is for. Default `sts.aliyuncs.com`. */
  readonly audience?: string | undefined
} = {}): Effect.Effect<Redacted.Redacted, SourceFailed, HttpClient.HttpClient> => {
  const audience = percentEncode(options.audience ?? tokenEndpoint.defaultAudience)
  return tokenEndpoint.request({
    platform: "the metadata server of Google Cloud",
    request: HttpClientRequest.get(
      `${address}/computeMetadata/v1/instance/service-accounts/default/identity?audience=${audience}&format=full`
    ).pipe(HttpClientRequest.setHeader("Metadata-Flavor", "Google")),
    timeouts: tokenEndpoint.metadataTimeouts,
    direct: true,
    hint: "The machine needs a service account.",
    absent: "Only machines of Google Cloud have a metadata server.",
    read: tokenEndpoint.whole
  })
}
