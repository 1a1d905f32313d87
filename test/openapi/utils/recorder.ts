import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import { Nonce } from "@effect-alicloud/credentials/Platform"
import type { HttpClientRequest } from "@effect/platform"
import { Effect, Layer, Option } from "effect"
import { network } from "../../kit/world.ts"

/** A request as it leaves for the network. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** All parameters of query and form. */
export const parametersOf = ({ body, headers, url }: Sent): Record<string, string> => ({
  ...Object.fromEntries(url.searchParams),
  ...((headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")
    ? Object.fromEntries(new URLSearchParams(new TextDecoder().decode(body)))
    : {})
})

const bytesOf = ({ body }: HttpClientRequest.HttpClientRequest): Uint8Array =>
  body._tag === "Uint8Array" ? body.body : new Uint8Array()

/** A network where everything is answered with nothing, and credentials that a test changes as it likes. */
export const make = () => {
  const sent: Array<Sent> = []
  const state = { credentials: Credentials.anonymous({ providerName: "none" }) as Credentials.Credentials }
  const { layer } = network((request, url) => {
    sent.push({ method: request.method, url, headers: { host: url.host, ...request.headers }, body: bytesOf(request) })
    return new Response(null, { status: 204 })
  })
  const provider = Layer.succeed(CredentialsProvider, {
    get: Effect.sync(() => state.credentials),
    invalidate: () => Effect.void,
    report: Effect.succeed({ winner: Option.none(), outcomes: [] }),
    unsafeCurrent: () => state.credentials
  })
  return { sent, state, layer: Layer.merge(layer, provider) }
}

export const nonce = "0123456789abcdef0123456789abcdef"

export const fixedNonce = Layer.succeed(Nonce, Effect.succeed(nonce))
