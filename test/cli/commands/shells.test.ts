import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck } from "effect"
import { spawnSync } from "node:child_process"
import { parseEnv } from "node:util"
import { assignments, syntaxOf } from "../../../packages/cli/src/internal/assignments.ts"
import { cli } from "../../kit/cli.ts"
import { runs } from "../../kit/long.ts"
import { pair, session } from "./utils/laptop.ts"

const id = "ALIBABA_CLOUD_ACCESS_KEY_ID"

const secret = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"

const token = "ALIBABA_CLOUD_SECURITY_TOKEN"

const isInstalled = (shell: string): boolean => spawnSync(shell, ["-c", "exit 0"]).status === 0

/** Text that a shell would change or run if it were not quoted well. */
const hostile = FastCheck.oneof(
  FastCheck.string({ unit: "binary", maxLength: 20 }).filter((text) => !text.includes("\0")),
  FastCheck.array(
    FastCheck.constantFrom(..."'\"\\$`!\n\r\t #;&|<>(){}[]*?~^%=,", "\\'", "'\\''", "$(exit 9)", "‘", "’", "“", "”"),
    { maxLength: 12 }
  ).map((parts) => parts.join(""))
)

const values = FastCheck.sample(hostile, { numRuns: runs(100, 500), seed: 20_260_101 })

describe("get --format env in a shell", () => {
  for (const [shell, syntax] of [["sh", "sh"], ["bash", "sh"], ["zsh", "sh"], ["fish", "fish"]] as const) {
    const installed = isInstalled(shell)
    it.effect.skipIf(!installed)(
      `sets any value exactly in ${shell}${installed ? "" : ", skipped because it is not installed"}`,
      () =>
        Effect.gen(function*() {
          const names = values.map((_, index) => `V${index}`)
          const lines = yield* assignments(
            syntax,
            Object.fromEntries(values.map((value, index) => [`V${index}`, value]))
          )

          const print = `${process.execPath} -e 'console.log(JSON.stringify(process.env))'`
          const ended = spawnSync(shell, ["-c", `${lines}\n${print}`], {
            encoding: "utf8",
            env: { PATH: process.env["PATH"], HOME: "/nonexistent", LC_ALL: "C.UTF-8" }
          })
          assert.strictEqual(ended.stderr, "")
          const seen = JSON.parse(ended.stdout) as Record<string, string>
          assert.deepStrictEqual(names.map((name) => seen[name]), values)
        })
    )
  }

  it.effect("is undone by get --unset, without a source or a request", () =>
    Effect.gen(function*() {
      for (const [shell, syntax] of [["bash", "sh"], ["fish", "fish"]] as const) {
        if (!isInstalled(shell)) continue
        const set = yield* cli(["get", "--format", "env", "--shell", syntax], { env: session })
        const unset = yield* cli(["get", "--unset", "--shell", syntax])
        assert.deepStrictEqual([unset.code, yield* unset.cloud.journal], [0, []])
        const ended = spawnSync(shell, ["-c", `${set.out}env | grep -c ALIBABA_; ${unset.out}env | grep -c ALIBABA_`], {
          encoding: "utf8",
          env: { PATH: process.env["PATH"], HOME: "/nonexistent" }
        })
        assert.deepStrictEqual(ended.stdout.split("\n").slice(0, 2), ["3", "0"], ended.stderr)
      }
    }))

  it.effect("has the syntax of the user's shell, unless --shell names another", () =>
    Effect.gen(function*() {
      const first = (args: ReadonlyArray<string>, SHELL = "/bin/bash") =>
        Effect.map(cli(["get", ...args], { env: { ...pair, SHELL } }), ({ out }) => out.split("\n")[0])
      assert.strictEqual(yield* first(["-f", "env"]), `export ${id}='LTAI5tExample'`)
      assert.strictEqual(yield* first(["-f", "env"], "/usr/bin/fish"), `set -gx ${id} 'LTAI5tExample'`)
      assert.strictEqual(yield* first(["-f", "env", "--shell", "sh"], "/usr/bin/fish"), `export ${id}='LTAI5tExample'`)
      assert.strictEqual(yield* first(["--unset"], "/usr/bin/fish"), `set -e ${id}`)
      assert.strictEqual(
        yield* first(["--unset", "--shell", "powershell"]),
        `Remove-Item Env:${id} -ErrorAction SilentlyContinue`
      )
      assert.deepStrictEqual(
        [[undefined, "win32"], ["C:\\Git\\bin\\bash.exe", "win32"], ["/usr/bin/pwsh", "linux"], [undefined, "linux"]]
          .map(([shell, platform]) => syntaxOf(shell, platform as NodeJS.Platform)),
        ["powershell", "sh", "powershell", "sh"]
      )
    }))

  it.effect("doubles every kind of single quote for PowerShell, and escapes line ends", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* assignments("powershell", { A: "a'b‘c’d$e`f\"", B: "x\n$y`\"“", C: undefined }),
        "$env:A = 'a''b‘‘c’’d$e`f\"'\n$env:B = \"x`n`$y```\"`“\"\nRemove-Item Env:C -ErrorAction SilentlyContinue"
      )
    }))

  it.effect("writes a .env file that Node.js reads back, and refuses what readers understand differently", () =>
    Effect.gen(function*() {
      const { out } = yield* cli(["get", "--format", "env", "--shell", "dotenv"], { env: session })
      assert.strictEqual(out, `${id}=LTAI5tExample\n${secret}="s3cr3t'quoted"\n${token}=s3cr3t-token\n`)
      let refused = 0
      for (const value of values) {
        const file = yield* Effect.option(assignments("dotenv", { A: value }))
        if (file._tag === "None") refused++
        else assert.strictEqual(parseEnv(file.value)["A"], value)
      }
      assert.isAbove(refused, 0)
      assert.isBelow(refused, values.length)
    }))
})
