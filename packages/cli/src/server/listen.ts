/** Opens the port of the private server, with limits. Used by `PrivateServer.ts`. */
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { Refused } from "../internal/failure.ts"
import * as messages from "../messages/serve.ts"
import type { Answer } from "./answer.ts"
import { refuse } from "./answer.ts"
import type { Refusal } from "./refusalLog.ts"

/** Limits of requests: clients are local and their requests small, so bigger or slower ones are abuse. */
const limits: Http.ServerOptions = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000
}

const maxConnections = 512

/** How long a stop waits for answers that are being made. */
const answering = "5 seconds"

/** How long it then waits for clients to take them. */
const leaving = "500 millis"

const within = (self: Effect.Effect<unknown>, duration: Duration.DurationInput): Effect.Effect<unknown> =>
  Effect.timeoutOption(Effect.interruptible(self), duration)

const send = (response: Http.ServerResponse, { body, headers, status }: Answer, isLast: boolean): void => {
  response.writeHead(status, {
    ...headers,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(isLast ? { connection: "close" } : {})
  })
  response.end(body)
}

const bind = (server: Http.Server, host: string, port: number): Effect.Effect<AddressInfo, Refused> =>
  Effect.async((resume) => {
    // Stays on: later errors are those of connections that could not be accepted, for want of file descriptors.
    server.on(
      "error",
      (error: NodeJS.ErrnoException) => resume(new Refused({ message: messages.cannotListen(host, port, error.code) }))
    )
    server.listen(port, host, () => resume(Effect.succeed(server.address() as AddressInfo)))
  })

/** What is wrong with bytes that are no request, as Node.js has it by default. */
const brokenRequest = ({ code, rawPacket }: NodeJS.ErrnoException & { readonly rawPacket?: Buffer }): Answer =>
  code === "HPE_HEADER_OVERFLOW"
    ? refuse(431, messages.refusals.headers)
    : code === "HPE_CHUNK_EXTENSIONS_OVERFLOW"
    ? refuse(413, messages.refusals.body)
    : code === "ERR_HTTP_REQUEST_TIMEOUT"
    ? refuse(408, messages.refusals.late)
    : refuse(400, rawPacket?.[0] === handshake ? messages.refusals.tls : messages.refusals.http)

/** The errors of connections whose clients are gone. */
const leaves = new Set(["ECONNRESET", "EPIPE"])

/** The first byte of a TLS connection. */
const handshake = 0x16

/**
 * Listens until the scope closes: then what is being answered is answered, for up to 5 seconds, and every connection
 * ends. An answer that is not `reusable` ends its connection.
 */
export const listen: (
  options: {
    readonly host: string
    readonly port: number
    readonly refused: (refusal: Refusal) => Effect.Effect<void>
  },
  answer: (request: Http.IncomingMessage) => { readonly answer: Effect.Effect<Answer>; readonly reusable: boolean }
) => Effect.Effect<AddressInfo, Refused, Scope.Scope> = Effect.fnUntraced(function*(options, answer) {
  const runFork = Runtime.runFork(yield* Effect.runtime())
  const pending = new Set<Fiber.RuntimeFiber<void>>()
  let isStopping = false

  const log = (
    { reason }: Pick<Answer, "reason">,
    client: string | undefined,
    request?: Http.IncomingMessage
  ): Effect.Effect<void> => reason === undefined ? Effect.void : options.refused({ reason, client, request })

  const respond = (
    request: Http.IncomingMessage,
    response: Http.ServerResponse,
    found: Effect.Effect<Answer>,
    reusable: boolean
  ): void => {
    const fiber = runFork(
      found.pipe(
        Effect.catchAllDefect(() => Effect.succeed(refuse(500, messages.refusals.internal))),
        Effect.tap((answer) => log(answer, request.socket.remoteAddress, request)),
        Effect.map((answer) => send(response, answer, isStopping || !reusable))
      )
    )
    pending.add(fiber)
    fiber.addObserver(() => pending.delete(fiber))
    response.on("close", () => fiber.unsafeInterruptAsFork(fiber.id()))
  }

  const handle = (request: Http.IncomingMessage, response: Http.ServerResponse): void => {
    const { answer: found, reusable } = answer(request)
    respond(request, response, found, reusable)
  }

  const server = Http.createServer(limits, handle)
  server.maxConnections = maxConnections
  // No request needs a body.
  server.on("checkContinue", handle)
  server.on(
    "checkExpectation",
    (request, response) => respond(request, response, Effect.succeed(refuse(417, messages.refusals.expectation)), false)
  )
  server.on("connect", (request, socket) => {
    runFork(log({ reason: messages.refusals.method }, request.socket.remoteAddress, request))
    socket.destroy()
  })
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (socket.writable && !leaves.has(error.code ?? "")) {
      const broken = brokenRequest(error)
      runFork(log(broken, socket.remoteAddress))
      socket.write(`HTTP/1.1 ${broken.status} ${Http.STATUS_CODES[broken.status]}\r\nConnection: close\r\n\r\n`)
    }
    socket.destroy()
  })
  server.on("drop", (dropped) => {
    runFork(log({ reason: messages.refusals.connections }, dropped?.remoteAddress))
  })

  const closed = yield* Deferred.make<void>()
  const stop = Effect.gen(function*() {
    isStopping = true
    server.close(() => Deferred.unsafeDone(closed, Exit.void))
    yield* within(Fiber.awaitAll(pending), answering)
    yield* within(Deferred.await(closed), leaving)
    server.closeAllConnections()
    yield* Deferred.await(closed)
  })

  return yield* Effect.acquireRelease(bind(server, options.host, options.port), () => stop)
})
