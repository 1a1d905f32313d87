import type { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import type { Context } from "effect"
import * as Effect from "effect/Effect"
import type { DoRequest } from "./clients.ts"

const form = (fields: Readonly<Record<string, string>> = {}): string =>
  Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")

/** Sends the official client's requests to a fake cloud in this process. */
export const inMemory = (
  cloud: Context.Tag.Service<FakeAlicloud>,
  run: <A>(effect: Effect.Effect<A>) => Promise<A> = Effect.runPromise
): DoRequest =>
async (request) => {
  const url = request.toRequestURL()
  const outcome = await run(cloud.handle({
    method: request.method,
    url,
    headers: { host: new URL(url).host, ...request.headers, "content-type": "application/x-www-form-urlencoded" },
    body: form(request.bodyForm)
  }))
  if (outcome._tag !== "Reply") throw new Error(outcome._tag)
  return { statusCode: outcome.status, headers: outcome.headers, body: Buffer.from(outcome.body) }
}
