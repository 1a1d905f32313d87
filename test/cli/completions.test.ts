import { assert, describe, it } from "@effect/vitest"
import type { Scope } from "effect"
import { Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { bundleTool } from "../kit/bundles.ts"
import { makeFolder } from "../kit/children.ts"

/** How a shell is started without files of this machine, and what README says to put into its start-up file. */
const shells = {
  bash: {
    file: ".bashrc",
    line: "eval \"$(alicloud-credentials completion bash)\"",
    start: (home: string) => `bash --noprofile --rcfile ${home}/.bashrc -i`
  },
  zsh: {
    file: ".zshrc",
    line: "eval \"$(alicloud-credentials completion zsh)\"",
    start: () => "zsh -d -i"
  },
  fish: {
    file: ".config/fish/config.fish",
    line: "alicloud-credentials completion fish | source",
    start: () => "fish -i"
  }
}

type Shell = keyof typeof shells

const has = (program: string, ...args: ReadonlyArray<string>): boolean => spawnSync(program, args).status === 0

interface Keyboard {
  /** What a line becomes by a tab at its end. */
  readonly tab: (line: string) => Effect.Effect<string>
}

const config = {
  current: "default",
  profiles: ["default", "staging", "in two words"].map((name) => ({
    name,
    mode: "AK",
    access_key_id: "LTAI5tShell",
    access_key_secret: "s3cr3t-of-the-shell"
  }))
}

/** A home with the tool, a start-up file, and a shell on a terminal whose keys are ours. */
const interactive = (shell: Shell): Effect.Effect<Keyboard, never, Scope.Scope> =>
  Effect.gen(function*() {
    const tool = join(yield* bundleTool, "main.js")
    const home = yield* makeFolder("shell-")
    const { file, line, start } = shells[shell]
    const write = (name: string, text: string, mode = 0o600): void => {
      Fs.mkdirSync(join(home, name, ".."), { recursive: true })
      Fs.writeFileSync(join(home, name), text, { mode })
    }
    write("bin/alicloud-credentials", `#!/bin/sh\nexec '${process.execPath}' '${tool}' "$@"\n`, 0o755)
    write("bin/zzz-only-one", "#!/bin/sh\n", 0o755)
    write("yyy-only-one.txt", "")
    write(".aliyun/config.json", JSON.stringify(config))
    write(file, `${line}\n`)
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn("script", ["-qfec", start(home), "/dev/null"], {
          cwd: home,
          env: { HOME: home, PATH: `${home}/bin:/usr/bin:/bin`, TERM: "xterm", LANG: "C.UTF-8", HISTFILE: "" },
          stdio: ["pipe", "pipe", "ignore"]
        })
      ),
      (child) =>
        Effect.async<void>((resume) => {
          child.once("close", () => resume(Effect.void))
          child.kill("SIGKILL")
        })
    )
    let seen = ""
    child.stdout.on("data", (chunk) => {
      seen += String(chunk)
    })
    const waitFor = (pattern: RegExp): Effect.Effect<string> =>
      Effect.gen(function*() {
        for (let i = 0; i < 600; i++) {
          const found = pattern.exec(stripVTControlCharacters(seen))
          if (found !== null) return found[1] ?? ""
          yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 50)))
        }
        return yield* Effect.dieMessage(`${shell} did not show ${pattern}: ${seen}`)
      })
    child.stdin.write("echo rea''dy\r")
    yield* waitFor(/(ready)/)
    let round = 0
    return {
      tab: (line) =>
        Effect.suspend(() => {
          round++
          // To the beginning of the line, where the command that shows it goes.
          child.stdin.write(`${line}\t\u0001echo "<${round}:" '\u0005'">"\r`)
          return waitFor(new RegExp(`^<${round}: (.*?)>\r?$`, "m"))
        })
    }
  })

for (const shell of ["bash", "zsh", "fish"] as const) {
  const missing = !has(shell, "-c", "exit 0") ? shell : has("script", "--version") ? undefined : "script"
  describe.skipIf(missing !== undefined)(
    `completions in ${shell}${missing === undefined ? "" : `, skipped because ${missing} is not installed`}`,
    () => {
      it.scopedLive(
        "complete commands, options, values, profile names, and the command that exec runs",
        () =>
          Effect.gen(function*() {
            const { tab } = yield* interactive(shell)
            const cases = [
              ["alicloud-credentials wh", "alicloud-credentials whoami"],
              ["alicloud-credentials completion fi", "alicloud-credentials completion fish"],
              ["alicloud-credentials get --form", "alicloud-credentials get --format"],
              ["alicloud-credentials get --format js", "alicloud-credentials get --format json"],
              ["alicloud-credentials get --format=js", "alicloud-credentials get --format=json"],
              ["alicloud-credentials get --source OidcR", "alicloud-credentials get --source OidcRoleArn"],
              ["alicloud-credentials get --log-level deb", "alicloud-credentials get --log-level debug"],
              ["alicloud-credentials get -p sta", "alicloud-credentials get -p staging"],
              ["alicloud-credentials exec -- zzz-o", "alicloud-credentials exec -- zzz-only-one"],
              ["alicloud-credentials exec -p staging zzz-o", "alicloud-credentials exec -p staging zzz-only-one"],
              ["alicloud-credentials exec -- cat yyy-o", "alicloud-credentials exec -- cat yyy-only-one.txt"]
            ] as const
            for (const [typed, completed] of cases) {
              assert.strictEqual((yield* tab(typed)).trim(), completed)
            }
          }),
        120_000
      )
    }
  )
}
