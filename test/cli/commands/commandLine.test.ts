import { DefaultChain } from "@effect-alicloud/credentials"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Given } from "../../kit/cli.ts"
import { cli } from "../../kit/cli.ts"
import { offCloud, pair, profiles, roleArn, world } from "./utils/laptop.ts"

interface Line {
  readonly args: string
  readonly code: number
  /** A part of the standard output; the output is empty without it. */
  readonly out?: string
  /** The standard error without the name of the tool; it is empty without it. */
  readonly err?: string
  readonly given?: Given
}

const withPair: Given = { env: pair }

const see = (command: string): string => `See alicloud-credentials${command === "" ? "" : ` ${command}`} --help.`

const values = "table, json, env, uri or external"

const sources = DefaultChain.sources.map(({ name }) => name).join(", ").replace(/, (\w+)$/, " or $1")

/** Words are parted by spaces; `''` is an empty one. */
const lines: ReadonlyArray<Line> = [
  { args: "", code: 0, out: "resolve credentials once and print them" },
  { args: "--help", code: 0, out: "resolve credentials once and print them" },
  { args: "-h", code: 0, out: "completion SHELL" },
  { args: "help", code: 0, out: "completion SHELL" },
  { args: "--version", code: 0, out: "." },
  { args: "-V", code: 0, out: "." },
  { args: "get --help", code: 0, out: "Usage: alicloud-credentials get [options]" },
  { args: "get -h", code: 0, out: "$ alicloud-credentials get --profile staging" },
  { args: "help get", code: 0, out: "Usage: alicloud-credentials get [options]" },
  { args: "help exec", code: 0, out: "Usage: alicloud-credentials exec [options] [command...]" },
  { args: "help help", code: 0, out: "Usage: alicloud-credentials help" },
  { args: "get -p default --help", code: 0, out: "Usage: alicloud-credentials get [options]" },
  { args: "get --help --profile default", code: 0, out: "Usage: alicloud-credentials get [options]" },
  { args: "exec --static --help", code: 0, out: "Usage: alicloud-credentials exec" },
  { args: "whoami --help", code: 0, out: "One of table, json. Default: table." },
  { args: "doctor --help", code: 0, out: "-f, --format <format>" },
  { args: "serve --help", code: 0, out: "--port <number>" },
  { args: "profiles --help", code: 0, out: "Lists the profiles" },
  { args: "use --help", code: 0, out: "Usage: alicloud-credentials use [options] <profile>" },
  { args: "use", code: 2, err: `The profile is missing. ${see("use")}` },
  { args: "use ''", code: 2, err: `The profile must not be empty. ${see("use")}` },
  { args: "use a b", code: 2, err: `Unexpected argument "b". ${see("use")}` },
  { args: "demo --help", code: 0, out: "Usage: alicloud-credentials demo" },
  { args: "completion --help", code: 0, out: "bash" },
  { args: "get", code: 0, out: "provider", given: withPair },
  { args: "get -f json", code: 0, out: "\"accessKeyId\"", given: withPair },
  { args: "get -fjson", code: 0, out: "\"accessKeyId\"", given: withPair },
  { args: "get --format=json", code: 0, out: "\"accessKeyId\"", given: withPair },
  { args: "get --format json --log-level error", code: 0, out: "\"accessKeyId\"", given: withPair },
  { args: "--log-level error get --format json", code: 0, out: "\"accessKeyId\"", given: withPair },
  { args: "get --log-level=none --source Environment", code: 0, out: "env", given: withPair },
  { args: "get --source=Environment", code: 0, out: "env", given: withPair },
  { args: "completion bash", code: 0, out: "complete bash" },
  { args: "completion zsh", code: 0, out: "#compdef alicloud-credentials" },
  { args: "completion fish", code: 0, out: "complete -c alicloud-credentials" },
  { args: "completion powershell", code: 0, out: "Register-ArgumentCompleter" },
  { args: "gett", code: 2, err: `Unknown command "gett". Did you mean "get"? ${see("")}` },
  { args: "who", code: 2, err: `Unknown command "who". ${see("")}` },
  { args: "gett --help", code: 2, err: `Unknown command "gett". Did you mean "get"? ${see("")}` },
  { args: "gett --profile x", code: 2, err: `Unknown command "gett". Did you mean "get"? ${see("")}` },
  { args: "help gett", code: 2, err: `Unknown command "gett". Did you mean "get"? ${see("help")}` },
  {
    args: "--profile x get",
    code: 2,
    err: `--profile goes after the command, as in: alicloud-credentials get --profile … ${see("")}`
  },
  { args: "--nonsense", code: 2, err: `Unknown option "--nonsense". ${see("")}` },
  { args: "get --profle x", code: 2, err: `Unknown option "--profle". Did you mean --profile? ${see("get")}` },
  { args: "get --profle=x", code: 2, err: `Unknown option "--profle". Did you mean --profile? ${see("get")}` },
  { args: "get -x", code: 2, err: `Unknown option "-x". ${see("get")}` },
  { args: "get --static", code: 2, err: `Unknown option "--static". ${see("get")}` },
  { args: "get -p", code: 2, err: `-p, --profile needs a value: <name>. ${see("get")}` },
  { args: "get --profile --strict", code: 2, err: `-p, --profile needs a value: <name>. ${see("get")}` },
  { args: "get --profile ''", code: 2, err: `--profile must not be empty. ${see("get")}` },
  { args: "get --profile=", code: 2, err: `--profile must not be empty. ${see("get")}` },
  { args: "get -p a --profile b", code: 2, err: `--profile was given twice. ${see("get")}` },
  { args: "get --strict=true", code: 2, err: `--strict takes no value. ${see("get")}` },
  { args: "get --format yaml", code: 2, err: `--format must be ${values}. ${see("get")}` },
  { args: "get --format jsn", code: 2, err: `--format must be ${values}. Did you mean json? ${see("get")}` },
  {
    args: "get --source CliProfil",
    code: 2,
    err: `--source must be ${sources}. Did you mean CliProfile? ${see("get")}`
  },
  { args: "get --format env --shell fish", code: 0, out: "set -gx ALIBABA_CLOUD_ACCESS_KEY_ID", given: withPair },
  {
    args: "get --role-arn deploy",
    code: 2,
    err: `--role-arn must be the ARN of a role such as ${roleArn}, not "deploy". ${see("get")}`
  },
  { args: "exec --external-id x -- true", code: 2, err: `--external-id goes with --role-arn. ${see("exec")}` },
  { args: "serve --role-session-name x", code: 2, err: `--role-session-name goes with --role-arn. ${see("serve")}` },
  { args: "whoami --duration 1h", code: 2, err: `--duration goes with --role-arn. ${see("whoami")}` },
  {
    args: `get --role-arn ${roleArn} --duration 13h`,
    code: 2,
    err: `--duration must be from 15m to 12h, for example 3600, 60m or 1h, not "13h". ${see("get")}`
  },
  {
    args: `get --role-arn ${roleArn} --policy []`,
    code: 2,
    err: `--policy must be a JSON object, or file:// and the path of a file with one. ${see("get")}`
  },
  { args: "get --unset", code: 0, out: "unset ALIBABA_CLOUD_SECURITY_TOKEN" },
  { args: "get --unset --format env -p x", code: 0, out: "unset ALIBABA_CLOUD_SECURITY_TOKEN" },
  { args: "get --shell fish", code: 2, err: `--shell goes with --format env or --unset. ${see("get")}` },
  { args: "get --shell fish -f json", code: 2, err: `--shell goes with --format env or --unset. ${see("get")}` },
  { args: "get --unset -f json", code: 2, err: `--unset cannot be combined with --format json. ${see("get")}` },
  { args: "get --unset -f table", code: 2, err: `--unset cannot be combined with --format table. ${see("get")}` },
  {
    args: "get --unset --shell dotenv",
    code: 2,
    err: `A .env file cannot unset variables: --unset cannot be combined with --shell dotenv. ${see("get")}`
  },
  {
    args: "get --shell fsh",
    code: 2,
    err: `--shell must be sh, fish, powershell or dotenv. Did you mean sh? ${see("get")}`
  },
  { args: "get extra", code: 2, err: `Unexpected argument "extra". ${see("get")}` },
  { args: "get -- extra", code: 2, err: `Unexpected argument "extra". ${see("get")}` },
  { args: "whoami --format env", code: 2, err: `--format must be table or json. ${see("whoami")}` },
  { args: "serve --port abc", code: 2, err: `--port must be a number from 0 to 65535, not "abc". ${see("serve")}` },
  { args: "serve --port 65536", code: 2, err: `--port must be a number from 0 to 65535, not "65536". ${see("serve")}` },
  { args: "serve --port -1", code: 2, err: `--port must be a number from 0 to 65535, not "-1". ${see("serve")}` },
  { args: "serve --token short", code: 2, err: `--token must be 16 to 512 letters, digits, - or _. ${see("serve")}` },
  {
    args: "get --log-level debugg",
    code: 2,
    err: `--log-level must be all, trace, debug, info, warning, error, fatal or none. Did you mean debug? ${see("get")}`
  },
  { args: "completion", code: 2, err: `The shell is missing. ${see("completion")}` },
  {
    args: "completion bsh",
    code: 2,
    err: `The shell must be bash, zsh, fish or powershell. Did you mean bash? ${see("completion")}`
  },
  { args: "exec ''", code: 2, err: `The command is empty. ${see("exec")}` },
  {
    args: "exec --static -- ''",
    code: 2,
    err: `The command is empty. ${see("exec")}`
  },
  {
    args: "exec --profle prod -- ls",
    code: 2,
    err: `Unknown option "--profle". Did you mean --profile? ${see("exec")}`
  },
  { args: "exec --profile", code: 2, err: `-p, --profile needs a value: <name>. ${see("exec")}` },
  {
    args: "get --strict --profile x",
    code: 2,
    err: `--strict cannot be combined with --source or --profile. ${see("get")}`
  },
  {
    args: "exec --no-strict -p x -- true",
    code: 2,
    err: `--no-strict cannot be combined with --source or --profile. ${see("exec")}`
  },
  {
    args: "get --source Environment -p x",
    code: 2,
    err: `--profile cannot be used with --source Environment. ${see("get")}`
  }
]

const wordsOf = (args: string): ReadonlyArray<string> =>
  args === "" ? [] : args.split(" ").map((word) => word === "''" ? "" : word)

describe("the command line", () => {
  for (const { args, code, err, given, out } of lines) {
    it.effect(`alicloud-credentials ${args}`, () =>
      Effect.gen(function*() {
        const finished = yield* cli(wordsOf(args), given)
        assert.strictEqual(finished.err, err === undefined ? "" : `alicloud-credentials: ${err}\n`)
        if (out === undefined) {
          assert.strictEqual(finished.out, "")
        } else {
          assert.include(finished.out, out)
        }
        assert.strictEqual(finished.code, code)
      }))
  }

  it.effect("has colours on a terminal only, and none with NO_COLOR, unless FORCE_COLOR says otherwise", () =>
    Effect.gen(function*() {
      const escape = "\u001b["
      assert.include((yield* cli(["get"], { env: pair, columns: 80 })).out, escape)
      assert.notInclude((yield* cli(["get"], { env: pair })).out, escape)
      assert.notInclude((yield* cli(["get"], { env: { ...pair, NO_COLOR: "1" }, columns: 80 })).out, escape)
      assert.notInclude((yield* cli(["get", "--help"])).out, escape)
      for (const FORCE_COLOR of ["", "1", "3", "true"]) {
        assert.include((yield* cli(["get"], { env: { ...pair, FORCE_COLOR, NO_COLOR: "1" } })).out, escape)
      }
      for (const FORCE_COLOR of ["0", "false"]) {
        assert.notInclude((yield* cli(["get"], { env: { ...pair, FORCE_COLOR }, columns: 80 })).out, escape)
      }
    }))

  it.effect("fits tables to the width of the terminal", () =>
    Effect.gen(function*() {
      const arn = "acs:ram::1234567890123456:role/a-role-with-a-name-that-does-not-fit-into-forty-columns"
      const { out } = yield* cli(["whoami"], {
        env: { ...offCloud, NO_COLOR: "1" },
        files: { ".aliyun/config.json": profiles("deploy").replaceAll(roleArn, arn) },
        world: { ...world, roles: [{ arn, trustedUsers: ["laptop"] }] },
        columns: 50
      })
      for (const line of out.split("\n")) {
        assert.isAtMost(line.length, 50)
      }
      assert.include(out.replaceAll(/\s+/g, ""), "a-role-with-a-name-that-does-not-fit-into-forty-columns")
    }))

  for (const columns of [40, 60, 80, 120]) {
    it.effect(`fits its help to ${columns} columns, and shows examples`, () =>
      Effect.gen(function*() {
        for (
          const command of [
            "get",
            "whoami",
            "doctor",
            "exec",
            "serve",
            "profiles",
            "use",
            "demo",
            "completion",
            "help"
          ]
        ) {
          const { out } = yield* cli([command, "--help"], { env: { NO_COLOR: "1" }, columns })
          for (const line of out.split("\n").filter((line) => !line.startsWith("  $ "))) {
            assert.isAtMost(line.length, columns, line)
          }
        }
        for (const command of ["get", "whoami", "doctor", "exec", "serve"]) {
          assert.include((yield* cli([command, "--help"], { columns })).out, `$ alicloud-credentials ${command}`)
          assert.include((yield* cli([])).out, command)
        }
      }))
  }
})
