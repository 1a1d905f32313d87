import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { commandFor, open } from "../src/internal/browser.ts"

const address = "https://signin.aliyun.com/oauth2/v1/auth?response_type=code&state=a1"

const cases: ReadonlyArray<
  readonly [
    title: string,
    platform: NodeJS.Platform,
    env: Readonly<Record<string, string>>,
    command: ReadonlyArray<string> | undefined
  ]
> = [
  ["macOS", "darwin", {}, ["/usr/bin/open", address]],
  ["Windows", "win32", { SystemRoot: "C:\\Windows" }, [
    "C:\\Windows\\System32\\rundll32.exe",
    "url.dll,FileProtocolHandler",
    address
  ]],
  ["X11", "linux", { DISPLAY: ":0" }, ["xdg-open", address]],
  ["Wayland", "linux", { WAYLAND_DISPLAY: "wayland-0" }, ["xdg-open", address]],
  ["a browser of the user's", "linux", { BROWSER: "firefox" }, ["xdg-open", address]],
  ["Windows' subsystem for Linux", "linux", { WSL_DISTRO_NAME: "Debian" }, [
    "rundll32.exe",
    "url.dll,FileProtocolHandler",
    address
  ]],
  ["a server without a display", "linux", {}, undefined]
]

describe("the browser", () => {
  for (const [title, platform, env, command] of cases) {
    it(`is opened without a shell on ${title}`, () => {
      assert.deepStrictEqual(commandFor(platform, env, address), command)
    })
  }

  const odd = ["file:///etc/passwd", "https://a/\"&calc", "https://a/`id`", "--help", "https://a/ b", "https://a/%\n"]
  it.live("is not opened at what is no plain web address", () =>
    Effect.gen(function*() {
      for (const address of odd) assert.isFalse(yield* open(address), address)
    }))
})
