/**
 * A real browser, headless Chromium as Debian has it. Where the program is missing its tests are skipped, and their titles
 * say why.
 */
import type { Scope } from "effect"
import { Effect } from "effect"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { join } from "node:path"
import { makeFolder } from "./children.ts"

const program = (): string | undefined => {
  try {
    return execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim()
  } catch {
    return undefined
  }
}

export const chromium = program()

/** The end of the title of tests that need it. */
export const reason = chromium === undefined ? ", skipped because chromium is not installed" : ""

export const isMissing = chromium === undefined

export const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--window-size=640,400"
]

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null

/** Starts it with a folder of its own. It ends with the scope. */
const start = (folder: string, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(chromium ?? "", [...flags, `--user-data-dir=${folder}`, ...args], {
        stdio: ["ignore", "pipe", "ignore"],
        detached: true
      })
    ),
    (child) =>
      Effect.async<void>((resume) => {
        if (!isRunning(child)) return resume(Effect.void)
        child.on("close", () => resume(Effect.void))
        // Its own processes are in its group.
        process.kill(-child.pid!, "SIGKILL")
      })
  )

/** Opens an address, and stays there until the scope closes. */
export const stay = (address: string): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(makeFolder("chromium-"), (folder) => start(folder, ["--remote-debugging-port=0", address]))

/**
 * Opens an address and tells the page at which the browser ends, with its picture. Connections to `host` end at a port of
 * this machine, whose certificate is accepted.
 */
export const open = (
  address: string,
  options: { readonly host: string; readonly port: number; readonly picture?: string | undefined }
): Effect.Effect<string> =>
  Effect.gen(function*() {
    const folder = yield* makeFolder("chromium-")
    const picture = options.picture ?? join(folder, "page.png")
    const child = yield* start(folder, [
      "--ignore-certificate-errors",
      `--host-resolver-rules=MAP ${options.host}:443 127.0.0.1:${options.port}`,
      `--screenshot=${picture}`,
      "--dump-dom",
      address
    ])
    return yield* Effect.async<string>((resume) => {
      let page = ""
      child.stdout.on("data", (chunk) => {
        page += String(chunk)
      })
      child.on("close", () => resume(Effect.succeed(page)))
      child.on("error", (error) => resume(Effect.die(error)))
    })
  }).pipe(Effect.scoped)
