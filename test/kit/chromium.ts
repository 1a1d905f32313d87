/**
 * A real browser, headless Chromium as Debian has it. Where the program is missing its tests are skipped, and their titles
 * say why.
 */
import { Effect } from "effect"
import { execFileSync, spawn } from "node:child_process"
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
    return yield* Effect.async<string>((resume) => {
      const child = spawn(chromium ?? "", [
        ...flags,
        `--user-data-dir=${folder}`,
        "--ignore-certificate-errors",
        `--host-resolver-rules=MAP ${options.host}:443 127.0.0.1:${options.port}`,
        `--screenshot=${picture}`,
        "--dump-dom",
        address
      ], { stdio: ["ignore", "pipe", "ignore"], detached: true })
      let page = ""
      child.stdout.on("data", (chunk) => {
        page += String(chunk)
      })
      child.on("close", () => resume(Effect.succeed(page)))
      child.on("error", (error) => resume(Effect.die(error)))
      // Its own processes are in its group.
      return Effect.sync(() => void process.kill(-child.pid!, "SIGKILL"))
    })
  }).pipe(Effect.scoped)
