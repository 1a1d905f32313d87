/** Opens the user's browser, for `NodeLogin`. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import * as Process from "node:process"

type Variables = Readonly<Record<string, string | undefined>>

const windows = (folder: string | undefined, address: string): ReadonlyArray<string> => [
  folder === undefined ? "rundll32.exe" : Path.win32.join(folder, "System32", "rundll32.exe"),
  "url.dll,FileProtocolHandler",
  address
]

/** The program that opens an address, and its arguments; none without a display. */
export const commandFor = (
  platform: NodeJS.Platform,
  env: Variables,
  address: string
): ReadonlyArray<string> | undefined => {
  switch (platform) {
    case "darwin":
      return ["/usr/bin/open", address]
    case "win32":
      return windows(env["SystemRoot"], address)
    default:
      // `xdg-open` without a display would start a browser of the terminal.
      return env["DISPLAY"] || env["WAYLAND_DISPLAY"] || env["BROWSER"]
        ? ["xdg-open", address]
        : env["WSL_DISTRO_NAME"]
        ? windows(undefined, address)
        : undefined
  }
}

/** The address that a shell, or a program that is started, could take for anything else is not opened. */
const isPlain = (address: string): boolean => /^https?:\/\/[!#-;=?-[\]_a-z~]+$/i.test(address)

/** Programs that hand the address over end soon. */
const patience = Duration.seconds(3)

const start = ([program = "", ...args]: ReadonlyArray<string>): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    // In a process group of its own, so that Ctrl-C in this terminal does not end the browser.
    const child = ChildProcess.spawn(program, args, { stdio: "ignore", detached: true, windowsHide: true })
    child.unref()
    child.on("error", () => resume(Effect.succeed(false)))
    child.on("exit", (code) => resume(Effect.succeed(code === 0)))
  })

/** Opens an address, and tells whether that worked. */
export const open = (address: string): Effect.Effect<boolean> =>
  Effect.suspend(() => {
    const command = isPlain(address) ? commandFor(Process.platform, Process.env, address) : undefined
    return command === undefined
      ? Effect.succeed(false)
      : Effect.timeoutTo(start(command), { duration: patience, onSuccess: (opened) => opened, onTimeout: () => true })
  })
