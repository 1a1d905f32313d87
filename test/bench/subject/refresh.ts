import * as Effect from "effect/Effect"
import { setTimeout } from "node:timers/promises"
import { percentile } from "../measure.ts"
import type { DoRequest, Side } from "./clients.ts"
import { longSession, officialRoleThrough, ownRole } from "./clients.ts"

const warmUpReads = 50_000

/** Reads come in batches, so that timers and sockets get their turn: at most one batch a millisecond. */
const batch = 200

const maxSamples = 1_000_000

/** What a reader met until its session was refreshed, in nanoseconds. */
export interface RefreshRound {
  readonly quiet: { readonly reads: number; readonly p99: number }
  /** Reads that were under way while the request for the new session was. */
  readonly during: { readonly reads: number; readonly p99: number; readonly longest: number }
  readonly refreshMillis: number
}

/** When each request for a session began and ended, as `process.hrtime` tells it. */
interface Requests {
  readonly began: Array<bigint>
  readonly ended: Array<bigint>
}

interface Reader {
  /** Reads so often, one after the other, and tells when each read began and ended. */
  readonly read: (times: number, each: (began: bigint, ended: bigint) => void) => Promise<void>
  readonly requests: Requests
}

const now = process.hrtime.bigint

const official = (seconds: number): Reader => {
  const requests: Requests = { began: [], ended: [] }
  const watched = (send: DoRequest): DoRequest => async (request) => {
    requests.began.push(now())
    try {
      return await send(request)
    } finally {
      requests.ended.push(now())
    }
  }
  const client = officialRoleThrough(watched, seconds)
  return {
    requests,
    read: async (times, each) => {
      for (let i = 0; i < times; i++) {
        const began = now()
        await client.getCredential()
        each(began, now())
      }
    }
  }
}

const ours = (seconds: number) =>
  Effect.gen(function*() {
    const requests: Requests = { began: [], ended: [] }
    const provider = yield* ownRole(seconds, (request) =>
      Effect.suspend(() => {
        requests.began.push(now())
        return Effect.ensuring(request, Effect.sync(() => requests.ended.push(now())))
      }))
    const reader: Reader = {
      requests,
      read: (times, each) =>
        Effect.runPromise(
          Effect.gen(function*() {
            for (let i = 0; i < times; i++) {
              const began = now()
              yield* provider.get
              each(began, now())
            }
          }) as Effect.Effect<void>
        )
    }
    return reader
  })

const round = async ({ read, requests }: Reader): Promise<RefreshRound> => {
  const began = new BigInt64Array(maxSamples)
  const ended = new BigInt64Array(maxSamples)
  let count = 0
  const note = (from: bigint, to: bigint): void => {
    if (count === maxSamples) return
    began[count] = from
    ended[count] = to
    count++
  }
  await read(warmUpReads, () => undefined)
  while (requests.ended.length < 2) {
    await read(batch, note)
    await setTimeout(1)
  }
  const [, refreshBegan = 0n] = requests.began
  const [, refreshEnded = 0n] = requests.ended
  const quiet: Array<number> = []
  const during: Array<number> = []
  for (let i = 0; i < count; i++) {
    const from = began[i] ?? 0n
    const to = ended[i] ?? 0n
    if (to < refreshBegan) quiet.push(Number(to - from))
    else if (from < refreshEnded) during.push(Number(to - from))
  }
  return {
    quiet: { reads: quiet.length, p99: percentile(quiet, 99) },
    during: {
      reads: during.length,
      p99: percentile(during, 99),
      longest: during.reduce((longest, one) => Math.max(longest, one), 0)
    },
    refreshMillis: Number(refreshEnded - refreshBegan) / 1e6
  }
}

/** One reader reads without end, until the session it was given first has been replaced. */
export const refresh = (params: { readonly side: Side }): Promise<RefreshRound> =>
  (params.side === "official" ? Effect.sync(() => official(longSession)) : ours(longSession)).pipe(
    Effect.flatMap((reader) => Effect.promise(() => round(reader))),
    Effect.scoped,
    Effect.runPromise
  )
