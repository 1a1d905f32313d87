/**
 * A real `redis-server` on a free port of loopback, for tests and the benchmark. Where the program is missing its tests are
 * skipped, and their titles say why.
 */
import { Deferred, Effect, Exit, type Scope } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import * as Fs from "node:fs"
import * as Net from "node:net"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { makeFolder } from "./children.ts"

const version = (): string | undefined => {
  try {
    return execFileSync("redis-server", ["--version"], { encoding: "utf8" })
  } catch {
    return undefined
  }
}

export const isMissing = version() === undefined

/** The end of the title of tests that need it. */
export const reason = isMissing ? ", skipped because redis-server is not installed" : ""

const freePort = Effect.promise(async () => {
  const server = Net.createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as Net.AddressInfo
  server.close()
  await once(server, "close")
  return port
})

export interface RedisServer {
  readonly port: number
  /** Without user and password. */
  readonly url: string
  readonly stop: Effect.Effect<void>
  /** Starts it again on the same port, empty. */
  readonly start: Effect.Effect<void>
  /** Stops the process where it is; its sockets stay open. */
  readonly pause: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
}

const launch = (args: ReadonlyArray<string>, folder: string) =>
  Effect.gen(function*() {
    const closed = yield* Deferred.make<void>()
    const ready = yield* Deferred.make<void, string>()
    const child = spawn("redis-server", args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] })
    const lines: Array<string> = []
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line)
      if (line.includes("Ready to accept connections")) Deferred.unsafeDone(ready, Exit.void)
    })
    child.on("close", () => {
      Deferred.unsafeDone(ready, Exit.fail(lines.join("\n")))
      Deferred.unsafeDone(closed, Exit.void)
    })
    yield* Effect.orDie(Deferred.await(ready))
    return { child, closed }
  })

/** Starts a server that keeps nothing on disk. It is stopped when the scope closes. */
export const make = (
  args: ReadonlyArray<string> = [],
  tls?: { readonly folder: string }
): Effect.Effect<RedisServer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const folder = yield* makeFolder("redis-")
    const port = yield* freePort
    const tlsArgs = (files: string): string =>
      `--port 0 --tls-port ${port} --tls-auth-clients no --tls-cert-file ${files}/cert.pem ` +
      `--tls-key-file ${files}/key.pem --tls-ca-cert-file ${files}/cert.pem`
    const listening = tls === undefined ? `--port ${port}` : tlsArgs(tls.folder)
    const all = ["--bind 127.0.0.1", listening, "--appendonly no"].join(" ").split(" ").concat("--save", "", args)
    let running = yield* launch(all, folder)
    const stop = Effect.suspend(() => {
      running.child.kill("SIGKILL")
      return Deferred.await(running.closed)
    })
    yield* Effect.addFinalizer(() => stop)
    return {
      port,
      url: `${tls === undefined ? "redis" : "rediss"}://127.0.0.1:${port}`,
      stop,
      start: Effect.map(Effect.suspend(() => launch(all, folder)), (next) => {
        running = next
      }),
      pause: Effect.sync(() => void running.child.kill("SIGSTOP")),
      resume: Effect.sync(() => void running.child.kill("SIGCONT"))
    }
  })

/** A certificate for `127.0.0.1` that signs itself, in a folder, with its key. */
export const makeCertificate: Effect.Effect<
  { readonly folder: string; readonly pem: string },
  never,
  Scope.Scope
> = Effect.map(makeFolder("redis-tls-"), (folder) => {
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=redis " +
    "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
  execFileSync("openssl", request.split(" "), { cwd: folder, stdio: "ignore" })
  return { folder, pem: Fs.readFileSync(join(folder, "cert.pem"), "utf8") }
})
