import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import type { Scope } from "effect"
import { Effect } from "effect"
import * as Net from "node:net"
import { start } from "../../kit/children.ts"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import type { Side } from "../subject/clients.ts"
import type { Section } from "./plan.ts"

/** Listens, says where, and never accepts anybody. */
const silent = "require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {\n" +
  "  require('node:fs').writeSync(1, this.address().port + '\\n')\n" +
  "  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300_000)\n" +
  "})"

const connects = (port: number): Effect.Effect<boolean, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => Net.connect({ host: "127.0.0.1", port }).on("error", () => undefined)),
    (socket) => Effect.sync(() => socket.destroy())
  ).pipe(
    Effect.flatMap((socket) =>
      Effect.async<boolean>((resume) => {
        socket.on("connect", () => resume(Effect.succeed(true)))
      })
    ),
    Effect.timeoutTo({ duration: "300 millis", onSuccess: (yes) => yes, onTimeout: () => false })
  )

/** A port of loopback from which a client that wants to connect hears nothing, as from an address off cloud. */
const makeBlackHole = Effect.gen(function*() {
  const port = Number(yield* (yield* start(["-e", silent])).next)
  for (let i = 0; i < 16; i++) {
    if (!(yield* connects(port))) return port
  }
  return yield* Effect.dieMessage("this system's listeners cannot be filled up")
})

const sources = DefaultChain.sources.map(({ name }) => name)

/** How long it takes to hear that there are no credentials. */
export const nothing: Section = ({ nothingRounds }) =>
  Effect.gen(function*() {
    const { subject } = yield* Lab
    const env = { FAKE_ALICLOUD_HTTP_PORT: `${yield* makeBlackHole}`, FAKE_ALICLOUD_HTTPS_PORT: "1" }
    const times: Record<Side, Array<number>> = { official: [], ours: [] }
    for (let i = 0; i < nothingRounds; i++) {
      for (const side of ["ours", "official"] as const) {
        const { ask } = yield* subject({ env })
        const { message, millis } = yield* ask("nothing", { side })
        times[side].push(millis * 1e6)
        const missing = side === "ours" ? sources.filter((source) => !message.includes(source)) : []
        if (message === "" || missing.length > 0) {
          return yield* Effect.dieMessage(`${side} did not report ${missing.join(", ") || "anything"}: ${message}`)
        }
      }
    }
    const rows: ReadonlyArray<Row> = [{
      id: "nothing",
      what: "nothing configured, off cloud: the error",
      unit: "ns",
      official: spread(times.official),
      ours: spread(times.ours),
      goal: { atMost: 1.2e9 },
      note: "the default chain in a new process. The metadata address leads to a listener on loopback whose queue is " +
        "full, so that connecting is never answered; the official client's other attempt, a host called \"undefined\", " +
        "is refused at once"
    }]
    return rows
  })
