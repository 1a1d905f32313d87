import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import type { Given } from "../../kit/cli.ts"
import { cli } from "../../kit/cli.ts"
import { profiles } from "./utils/laptop.ts"

const given: Given = {
  files: {
    ".aliyun/config.json": profiles("deploy"),
    ".alibabacloud/credentials": "[backup]\ntype = access_key\n[default]\n"
  }
}

const complete = (...words: ReadonlyArray<string>) =>
  Effect.map(cli(["complete", ...words], given), ({ code, err, out }) => {
    assert.strictEqual(err, "")
    assert.strictEqual(code, 0)
    return out.split("\n").filter((line) => line !== "")
  })

const values = (...words: ReadonlyArray<string>) =>
  Effect.map(complete(...words), (lines) => lines.map((line) => line.split("\t")[0]))

describe("complete", () => {
  it.effect("has commands and options with descriptions, of options with values the values", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* values("zsh", "ge"), ["get"])
      assert.deepStrictEqual(yield* complete("zsh", "serve", "--por"), ["--port\tThe port to listen on"])
      assert.includeMembers([...yield* values("zsh", "")], ["get", "whoami", "doctor", "exec", "serve", "--help"])
      assert.notInclude(yield* values("zsh", ""), "complete")
      assert.deepStrictEqual(yield* values("zsh", "get", "-f", ""), ["table", "json", "env", "uri", "external"])
      assert.deepStrictEqual(yield* values("zsh", "get", "--strict", "--format", "u"), ["uri"])
      assert.deepStrictEqual(yield* values("zsh", "--log-level", "debug", "wh"), ["whoami"])
      assert.deepStrictEqual(yield* values("zsh", "help", "se"), ["serve"])
      assert.deepStrictEqual(yield* values("zsh", "completion", "p"), ["powershell"])
    }))

  it.effect("has the names of profiles, of the source that was chosen", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* values("fish", "get", "-p", "dep"), ["deploy"])
      assert.deepStrictEqual(yield* values("fish", "get", "--source", "CredentialsFile", "-p", ""), [
        "backup",
        "default"
      ])
      assert.deepStrictEqual(yield* values("fish", "get", "--source=CredentialsFile", "--profile=b"), [
        "--profile=backup"
      ])
      assert.deepStrictEqual(yield* values("fish", "get", "--source", "Environment", "-p", ""), [])
    }))

  it.effect("takes the three words that bash makes of --option=value for one", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* values("bash", "get", "--format", "=", "j"), ["json"])
      assert.deepStrictEqual(yield* values("bash", "get", "--source", "=", "CredentialsFile", "-p", "b"), ["backup"])
    }))

  it.effect("leaves the command that exec runs to the shell, from its first word on", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* complete("zsh", "exec", "--", "get", "--format", ""), [":command 2"])
      assert.deepStrictEqual(yield* complete("zsh", "exec", "--static", "no"), [":command 2"])
      assert.deepStrictEqual(yield* complete("zsh", "exec", "-p", "deploy", "node", "a"), [":command 3"])
      assert.deepStrictEqual(yield* values("zsh", "exec", "--st"), ["--strict", "--static"])
    }))

  it.effect("takes the full stop of PowerShell away, which keeps an empty word", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* values("powershell", "get", "--format", "."), [
        "table",
        "json",
        "env",
        "uri",
        "external"
      ])
    }))
})

const hasPowerShell = spawnSync("pwsh", ["-Version"]).status === 0

describe.skipIf(!hasPowerShell)(
  `completions in PowerShell${hasPowerShell ? "" : ", skipped because pwsh is not installed"}`,
  () => {
    it.effect("are a script that PowerShell can read", () =>
      Effect.gen(function*() {
        const { out } = yield* cli(["completion", "powershell"])
        const { status, stderr } = spawnSync("pwsh", ["-NoProfile", "-Command", "-"], { input: out, encoding: "utf8" })
        assert.strictEqual(stderr, "")
        assert.strictEqual(status, 0)
      }))
  }
)
