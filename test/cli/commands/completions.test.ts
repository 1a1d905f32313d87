import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { cli } from "../../kit/cli.ts"

/** Reads the completion script and asks for what it offers where the line ends, as bash does on a tab. */
const ask = `
eval "$(cat)"
COMP_WORDS=(alicloud-credentials "$@")
COMP_CWORD=$#
_alicloud-credentials_bash_completions alicloud-credentials "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "\${COMPREPLY[@]}"
`

const offered = (script: string, ...words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const { status, stderr, stdout } = spawnSync("bash", ["--norc", "-c", ask, "bash", ...words], {
    input: script,
    encoding: "utf8"
  })
  assert.strictEqual(stderr, "")
  assert.strictEqual(status, 0)
  return stdout.split("\n").filter((line) => line !== "")
}

const hasBash = spawnSync("bash", ["-c", "exit 0"]).status === 0

const script = (shell: string) => Effect.map(cli(["--completions", shell]), ({ out }) => out)

describe.skipIf(!hasBash)("the completions of bash", () => {
  it.effect("know commands, options and the values of options", () =>
    Effect.gen(function*() {
      const bash = yield* script("bash")
      assert.deepStrictEqual(offered(bash, "ge"), ["get"])
      assert.includeMembers([...offered(bash, "")], ["demo", "doctor", "exec", "get", "serve", "whoami", "--version"])
      assert.deepStrictEqual(offered(bash, "get", "--format", ""), ["table", "json", "env", "uri", "external"])
      assert.deepStrictEqual(offered(bash, "whoami", "-f", "j"), ["json"])
      assert.deepStrictEqual(offered(bash, "get", "--source", "C"), ["CliProfile", "CredentialsFile", "CredentialsUri"])
      assert.deepStrictEqual(offered(bash, "serve", "--p"), ["--profile", "--port"])
    }))

  it.effect("know the options that every command has, before and after its name", () =>
    Effect.gen(function*() {
      const bash = yield* script("bash")
      assert.deepStrictEqual(offered(bash, "--completions", ""), ["bash", "zsh", "fish"])
      assert.deepStrictEqual(offered(bash, "--log-level", "d"), ["debug"])
      assert.deepStrictEqual(offered(bash, "--log-level", "debug", "wh"), ["whoami"])
      assert.deepStrictEqual(offered(bash, "get", "--log-level", "w"), ["warning"])
    }))

  it.effect("go on after a switch, and leave the command that exec runs alone", () =>
    Effect.gen(function*() {
      const bash = yield* script("bash")
      assert.include(offered(bash, "exec", "--static", ""), "--profile")
      assert.deepStrictEqual(offered(bash, "exec", "--", "get", "--format", ""), [])
    }))

  it.effect("are registered for the name of the tool", () =>
    Effect.gen(function*() {
      const { stdout } = spawnSync("bash", ["--norc", "-c", "eval \"$(cat)\"; complete -p alicloud-credentials"], {
        input: yield* script("bash"),
        encoding: "utf8"
      })
      assert.match(stdout, /-F _alicloud-credentials_bash_completions alicloud-credentials/)
    }))
})

describe("completions", () => {
  it.effect("of zsh know which options a text follows", () =>
    Effect.gen(function*() {
      const zsh = yield* script("zsh")
      assert.match(zsh, /^#compdef alicloud-credentials\n/)
      for (const option of ["-p", "--profile", "--host", "--port", "--token"]) {
        assert.match(zsh, new RegExp(`^ +'${option}\\[[^\\]]+\\]:VALUE: ' \\\\$`, "m"))
      }
      assert.notMatch(zsh, /'--strict\[[^\]]+\]:/)
    }))

  it.effect("of fish are what the library writes", () =>
    Effect.gen(function*() {
      assert.match(yield* script("fish"), /^complete -c alicloud-credentials /)
    }))
})
