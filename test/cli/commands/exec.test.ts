import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { childEnvironment, emptyFile } from "../../../packages/cli/src/internal/childEnvironment.ts"
import { userShell } from "../../../packages/cli/src/internal/shell.ts"
import { cli } from "../../kit/cli.ts"

const pair = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tExample", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t" }

const session = { ...pair, ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t-token" }

const bearer = {
  files: {
    ".aliyun/config.json": JSON.stringify({
      current: "token",
      profiles: [
        { name: "token", mode: "BearerToken", bearer_token: "s3cr3t-bearer" },
        { name: "nobody", mode: "Anonymous" }
      ]
    })
  }
}

const makeHome = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "exec-home-"))),
  (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
)

const exit = (code: number): ReadonlyArray<string> => [process.execPath, "-e", `process.exitCode = ${code}`]

describe("exec", () => {
  it.live("ends as its child does", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* cli(["exec", "--", ...exit(3)], { env: session })
      assert.deepStrictEqual({ code, err, out }, { code: 3, err: "", out: "" })
      assert.strictEqual((yield* cli(["exec", "--", ...exit(0)], { env: session })).code, 0)
      assert.strictEqual((yield* cli(["exec", "--static", "--", ...exit(4)], { env: pair })).code, 4)
    }))

  it.live("ends with 128 and the signal's number when a signal kills the child", () =>
    Effect.gen(function*() {
      const suicide = (signal: string) =>
        cli(["exec", "--", process.execPath, "-e", `process.kill(process.pid,'${signal}');setTimeout(()=>0,9000)`], {
          env: session
        })
      assert.strictEqual((yield* suicide("SIGKILL")).code, 137)
      assert.strictEqual((yield* suicide("SIGTERM")).code, 143)
    }))

  it.live("ends with 127 for a command that is not there, 126 for one that does not run", () =>
    Effect.gen(function*() {
      const missing = yield* cli(["exec", "--", "no-such-command"], { env: session })
      assert.strictEqual(missing.code, 127)
      assert.strictEqual(missing.err, "alicloud-credentials: no-such-command: command not found\n")
      const denied = yield* cli(["exec", "--", import.meta.dirname], { env: session })
      assert.strictEqual(denied.code, 126)
      assert.strictEqual(denied.err, `alicloud-credentials: ${import.meta.dirname}: permission denied\n`)
    }))

  it.effect("is bad usage with an empty command", () =>
    Effect.gen(function*() {
      const { code, err } = yield* cli(["exec", "--", ""], { env: session })
      assert.strictEqual(code, 2)
      assert.include(err, "See alicloud-credentials exec --help.")
    }))

  it("without a command runs the shell of the user", () => {
    assert.strictEqual(userShell({ SHELL: "/bin/zsh" }, "linux"), "/bin/zsh")
    assert.strictEqual(userShell({ SHELL: "" }, "darwin"), "/bin/sh")
    assert.strictEqual(userShell({ ComSpec: "C:\\cmd.exe", SHELL: "/usr/bin/bash" }, "win32"), "C:\\cmd.exe")
    assert.strictEqual(userShell({}, "win32"), "cmd.exe")
  })

  it.effect("rejects a key without a session and says how to export it", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* cli(["exec", "--", ...exit(0)], { env: pair })
      assert.strictEqual(code, 1)
      assert.strictEqual(out, "")
      assert.include(err, "default/env")
      assert.include(err, "exec --static")
      assert.notInclude(err, "s3cr3t")
    }))

  it.effect("rejects a bearer token, and anonymous credentials", () =>
    Effect.gen(function*() {
      const token = yield* cli(["exec", "--", ...exit(0)], bearer)
      assert.strictEqual(token.code, 1)
      assert.include(token.err, "exec --static")
      const nobody = yield* cli(["exec", "--profile", "nobody", "--", ...exit(0)], bearer)
      assert.strictEqual(nobody.code, 1)
      assert.notInclude(nobody.err, "--static")
      const exported = yield* cli(["exec", "--static", "--profile", "nobody", "--", ...exit(0)], bearer)
      assert.strictEqual(exported.code, 1)
      assert.include(exported.err, "nothing to export")
    }))

  it.effect("does not start the child when there are no credentials", () =>
    Effect.gen(function*() {
      const { code, err } = yield* cli(["exec", "--profile", "nowhere", "--", "no-such-command"])
      assert.strictEqual(code, 1)
      assert.include(err, "CliProfile")
      assert.notInclude(err, "not found")
    }))
})

describe("exec of the aliyun CLI", () => {
  const inPath = (command: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const folder = yield* makeHome
      const aliyun = Path.join(folder, "aliyun")
      Fs.writeFileSync(aliyun, "#!/bin/sh\nexit 5\n", { mode: 0o755 })
      return yield* cli(command.map((word) => word === "aliyun" ? aliyun : word), { env: session })
    })

  it.scopedLive("says before it runs that the CLI reads no credentials URI, and what to do", () =>
    Effect.gen(function*() {
      const { code, err } = yield* inPath(["exec", "--", "aliyun", "ecs", "DescribeRegions", "--region", "cn-beijing"])
      assert.strictEqual(code, 5)
      assert.match(err, /^hint: the aliyun CLI .* exec --static -- aliyun --region REGION/)
      assert.include(err, "get --profile NAME --format external")
    }))

  it.scopedLive("says with --static that the region is not the profile's, unless one is given", () =>
    Effect.gen(function*() {
      const { err } = yield* inPath(["exec", "--static", "--", "aliyun", "ecs", "DescribeRegions"])
      assert.match(err, /^hint: .* cn-hangzhou.* --region REGION/)
      assert.include(err, "get --profile NAME --format external")
      for (const region of [["--region", "cn-beijing"], ["--region=cn-beijing"]]) {
        assert.strictEqual((yield* inPath(["exec", "--static", "--", "aliyun", "ecs", ...region])).err, "")
      }
    }))

  it.live("says nothing about another program", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* cli(["exec", "--", process.execPath, "-e", "'aliyun'"], { env: session })).err, "")
    }))
})

describe("the environment of the child", () => {
  const of = (variables: Readonly<Record<string, string | undefined>>, region?: string) =>
    childEnvironment(DefaultChain.sources, variables, { credentials: { KEY: "ours" }, about: {}, region }, "/empty")

  it("turns every other source off, and contains the credentials", () => {
    const switches = DefaultChain.sources.flatMap(({ switches }) => switches)
    assert.includeMembers([...switches], ["ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "ALIBABA_CLOUD_ECS_METADATA_DISABLED"])
    const { ALICLOUD_CREDENTIALS_EXEC, ...others } = of({ PATH: "/bin", KEY: "theirs" })
    assert.isNotEmpty(ALICLOUD_CREDENTIALS_EXEC)
    assert.deepStrictEqual(others, {
      PATH: "/bin",
      ...Object.fromEntries(switches.map((name) => [name, "true"])),
      ALIBABA_CLOUD_IGNORE_PROFILE: "TRUE",
      ALIBABA_CLOUD_CREDENTIALS_FILE: "/empty",
      KEY: "ours"
    })
  })

  it("keeps what does not choose credentials", () => {
    const kept = {
      ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: "true",
      ALIBABA_CLOUD_IMDSV1_DISABLED: "true",
      ALIBABA_CLOUD_REGION_ID: "cn-beijing",
      ALIBABA_CLOUD_STS_ENDPOINT: "sts.example.com",
      ALIBABA_CLOUD_STS_REGION: "cn-beijing",
      ALIBABA_CLOUD_USER_AGENT: "tests",
      ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true",
      AWS_ACCESS_KEY_ID: "of another cloud",
      AWS_PROFILE: "of another cloud",
      PROFILE: "of something else",
      ROLE_ARN: "of something else"
    }
    assert.include(of(kept), kept)
  })

  it("hands the region of the profile over, unless the user has chosen one", () => {
    const region = "ALIBABA_CLOUD_REGION_ID"
    assert.strictEqual(of({}, "cn-beijing")[region], "cn-beijing")
    assert.strictEqual(of({ [region]: "" }, "cn-beijing")[region], "cn-beijing")
    assert.strictEqual(of({ [region]: "cn-hangzhou" }, "cn-beijing")[region], "cn-hangzhou")
    assert.isUndefined(of({ ALICLOUD_REGION_ID: "cn-hangzhou" }, "cn-beijing")[region])
  })

  it("takes away what another exec around this one has set, and keeps what the user set there", () => {
    const disabled = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
    const outer = of({ [disabled]: "TRUE" }, "cn-beijing")
    assert.notInclude(outer["ALICLOUD_CREDENTIALS_EXEC"] ?? "", disabled)
    assert.isUndefined(of(outer)["ALIBABA_CLOUD_REGION_ID"])
    assert.strictEqual(of(outer, "cn-shanghai")["ALIBABA_CLOUD_REGION_ID"], "cn-shanghai")
    assert.strictEqual(
      of({ ...outer, ALIBABA_CLOUD_REGION_ID: "cn-hangzhou" }, "cn-shanghai")["ALIBABA_CLOUD_REGION_ID"],
      "cn-hangzhou"
    )
    assert.notInclude(of(of(outer))["ALICLOUD_CREDENTIALS_EXEC"] ?? "", disabled)
  })

  it("keeps a proxy away from the server, in both spellings, with what was excepted already", () => {
    const exceptions = (variables: Readonly<Record<string, string>>) => {
      const { NO_PROXY, no_proxy } = of(variables)
      return [NO_PROXY, no_proxy]
    }
    const some = "sts.aliyuncs.com,internal"
    assert.deepStrictEqual(exceptions({ https_proxy: "http://proxy:3128", NO_PROXY: some }), [
      `${some},127.0.0.1`,
      `${some},127.0.0.1`
    ])
    assert.deepStrictEqual(exceptions({ HTTP_PROXY: "http://proxy:3128", NO_PROXY: "a", no_proxy: "b" }), [
      "a,127.0.0.1",
      "b,127.0.0.1"
    ])
    assert.deepStrictEqual(exceptions({ ALL_PROXY: "socks5://proxy:1080", no_proxy: "*" }), ["*", "*"])
    assert.deepStrictEqual(exceptions({ HTTP_PROXY: "http://proxy:3128" }), ["127.0.0.1", "127.0.0.1"])
    assert.deepStrictEqual(exceptions({ HTTP_PROXY: "", NO_PROXY: "a" }), ["a", undefined])
  })

  it.scoped("names no credentials file where there is no default one", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* emptyFile({ HOME: "/nonexistent" }))
      assert.isUndefined(
        childEnvironment(
          DefaultChain.sources,
          { ALIBABA_CLOUD_CREDENTIALS_FILE: "/theirs" },
          { credentials: {}, about: {}, region: undefined },
          undefined
        )["ALIBABA_CLOUD_CREDENTIALS_FILE"]
      )
    }))

  it.scoped.each(["credentials", "credentials.ini"])(
    "names an empty and private file instead of a default %s",
    (name) =>
      Effect.gen(function*() {
        const HOME = yield* makeHome
        Fs.mkdirSync(Path.join(HOME, ".alibabacloud"))
        Fs.writeFileSync(Path.join(HOME, ".alibabacloud", name), "[default]")
        const file = (yield* emptyFile({ HOME })) ?? assert.fail()
        assert.strictEqual(Fs.readFileSync(file, "utf8"), "")
        assert.strictEqual(Fs.statSync(Path.dirname(file)).mode & 0o077, 0)
      })
  )
})
