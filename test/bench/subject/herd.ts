import * as Effect from "effect/Effect"
import type { Side } from "./clients.ts"
import { longSession, officialRole, ownRole } from "./clients.ts"

const official = (readers: number): Promise<ReadonlyArray<boolean>> => {
  const client = officialRole(longSession)
  return Promise.all(Array.from({ length: readers }, () => client.getCredential().then(() => true, () => false)))
}

const ours = (readers: number): Promise<ReadonlyArray<boolean>> =>
  Effect.flatMap(
    ownRole(longSession),
    (provider) =>
      Effect.all(Array.from({ length: readers }, () => Effect.isSuccess(provider.get)), { concurrency: "unbounded" })
  ).pipe(
    Effect.scoped,
    Effect.runPromise
  )

/** Lets so many readers read at the same time, through one client that has no session yet. */
export const herd = async (params: { readonly side: Side; readonly readers: number }): Promise<{
  readonly failed: number
}> => {
  const succeeded = await (params.side === "official" ? official : ours)(params.readers)
  return { failed: succeeded.filter((success) => !success).length }
}
