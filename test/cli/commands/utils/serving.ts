import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import type { Scope } from "effect"
import { ConfigProvider, Context, Deferred, Effect, Exit, Fiber, Layer } from "effect"
import * as Http from "node:http"
import { connect } from "node:net"
import { run } from "../../../../packages/cli/src/Cli.ts"
import { Screen } from "../../../../packages/cli/src/internal/screen.ts"

/** Sessions of an hour, from yet another server. */
const world: FakeAlicloud.WorldInput = { credentialsUris: [{ path: "/session" }] }

/** How the first session can be made to have ended after two seconds. */
const shortFirst: FakeAlicloud.Fault = { endpoint: "uri", kind: "expiresInSeconds", seconds: 1, times: 1 }

export interface Answer {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
}

export interface Serving {
  readonly uri: string
  readonly port: number
  /** The path of the credentials URI. */
  readonly path: string
  readonly cloud: Context.Tag.Service<FakeAlicloud.FakeAlicloud>
  readonly out: () => string
  readonly err: () => string
  readonly ask: (
    path: string,
    options?: { readonly method?: string; readonly headers?: Http.OutgoingHttpHeaders; readonly body?: string }
  ) => Effect.Effect<Answer>
  /** Interrupts it, as a signal does, and waits for its end. */
  readonly stop: Effect.Effect<void>
}

/** One request on a connection of its own. */
const askAt = (port: number, host: string): Serving["ask"] => (path, { body, headers, method } = {}) =>
  Effect.async((resume) => {
    const request = Http.request({ host, port, path, method, headers, agent: false }, (response) => {
      let text = ""
      response.on("data", (chunk) => {
        text += String(chunk)
      })
      response.on(
        "close",
        () => resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      )
    })
    request.on("error", (error) => resume(Effect.die(error)))
    request.end(body)
  })

/** Writes bytes to a connection of its own, and answers with all that comes back until it is closed. */
export const raw = (port: number, bytes: string | Uint8Array): Effect.Effect<string> =>
  Effect.async((resume) => {
    let text = ""
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes))
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1")
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resume(Effect.succeed(text)))
  })

/** Runs `serve` in this process, with sessions from a fake cloud in memory, until the scope closes. */
export const serving = (
  args: ReadonlyArray<string> = [],
  options: {
    readonly shortFirst?: boolean
    /** Where to send requests, if not where it is announced. */
    readonly host?: string
    readonly env?: Readonly<Record<string, string>>
  } = {}
): Effect.Effect<Serving, never, Scope.Scope> =>
  Effect.gen(function*() {
    const context = yield* Effect.orDie(
      Layer.build(FakeAlicloud.layer({ ...world, faults: options.shortFirst ? [shortFirst] : [] }))
    )
    const written = { out: "", err: "" }
    const announced = yield* Deferred.make<void>()
    const stream = (name: keyof typeof written) => ({
      isTTY: false,
      columns: 0,
      write: (text: string | Uint8Array) => {
        written[name] += String(text)
        if (name === "out") Deferred.unsafeDone(announced, Exit.void)
        return true
      }
    })
    const machine = Layer.merge(NodePlatform.layer, Layer.succeedContext(context))
    const fiber = yield* run(["serve", ...args], machine).pipe(
      Effect.provideService(Screen, { out: stream("out"), err: stream("err") }),
      Effect.withConfigProvider(ConfigProvider.fromMap(
        new Map(Object.entries({
          HOME: "/nonexistent",
          ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true",
          ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1:6666/session",
          ...options.env
        }))
      )),
      Effect.forkScoped
    )
    yield* Effect.raceFirst(
      Deferred.await(announced),
      Effect.flatMap(Fiber.join(fiber), (code) => Effect.dieMessage(`serve has ended with ${code}: ${written.err}`))
    )
    const [uri = ""] = /http:\S+\/credentials/.exec(written.out) ?? []
    const { hostname, pathname, port } = new URL(uri)
    return {
      uri,
      port: Number(port),
      path: pathname,
      cloud: Context.get(context, FakeAlicloud.FakeAlicloud),
      out: () => written.out,
      err: () => written.err,
      ask: askAt(Number(port), options.host ?? hostname.replace(/^\[|\]$/g, "")),
      stop: Effect.asVoid(Fiber.interrupt(fiber))
    }
  })
