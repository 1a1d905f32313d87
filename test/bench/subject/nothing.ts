import Official from "@alicloud/credentials"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as NodeCredentials from "@effect-alicloud/node/NodeCredentials"
import * as Effect from "effect/Effect"
import { nanos } from "../measure.ts"
import type { Side } from "./clients.ts"

const official = async (): Promise<string> => {
  const { default: Client } = Official
  try {
    await new Client().getCredential()
    return ""
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const ours = (): Promise<string> =>
  CredentialsProvider.get.pipe(
    Effect.match({ onSuccess: () => "", onFailure: (error) => error.message }),
    Effect.provide(NodeCredentials.layer),
    Effect.runPromise
  )

/** How long the default chain takes to say that there are no credentials, and what it says. */
export const nothing = async (params: { readonly side: Side }): Promise<{
  readonly millis: number
  readonly message: string
}> => {
  let message = ""
  const took = await nanos(async () => {
    message = await (params.side === "official" ? official() : ours())
  })
  return { millis: took / 1e6, message }
}
