/**
 * The token of a managed identity of Azure. Public as `OidcToken.azureManagedIdentity`.
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

const address = "http://169.254.169.254"

/**
 * The token of the managed identity of a virtual machine of Azure, for an application that is registered in Microsoft Entra
 * ID. Up to 24 hours long: the issuance limit of the OIDC provider should not be shorter.
 *
 * The request is a GET to the metadata service with the parameter `resource` and the header `Metadata: true`, never through
 * a proxy; the response is JSON with the token in `access_token`.
 *
 * See [Managed identities on virtual machines](https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token).
 *
 * @since 0.1.0
 * @category constructors
 */
export const azureManagedIdentity = (options: {
  /** The application ID URI, for example `api://alibaba-cloud`. It, or its id, is the audience of the token. */
  readonly resource: string
  /** The client ID of the identity, where the machine has several. */
  readonly clientId?: string | undefined
}): Effect.Effect<Redacted.Redacted, SourceFailed, HttpClient.HttpClient> => {
  const identity = options.clientId === undefined ? "" : `&client_id=${percentEncode(options.clientId)}`
  const query = `api-version=2018-02-01&resource=${percentEncode(options.resource)}${identity}`
  return tokenEndpoint.request({
    platform: "the metadata service of Azure",
    request: HttpClientRequest.get(`${address}/metadata/identity/oauth2/token?${query}`).pipe(
      HttpClientRequest.acceptJson,
      HttpClientRequest.setHeader("Metadata", "true")
    ),
    timeouts: tokenEndpoint.metadataTimeouts,
    direct: true,
    hint: "The machine needs a managed identity, and the resource must be the URI of a registered application.",
    absent: "Only virtual machines of Azure have this metadata service.",
    read: tokenEndpoint.field("access_token")
  })
}
