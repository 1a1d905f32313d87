import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cli } from "../../kit/cli.ts"
import { laptop, offCloud, pair, session } from "./utils/laptop.ts"

describe("get", () => {
  it.effect("prints a table that hides every secret", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* cli(["get"], { env: session })
      assert.strictEqual(code, 0)
      assert.strictEqual(err, "")
      assert.deepStrictEqual(out.split("\n"), [
        "type              sts",
        "provider          default/env",
        "AccessKey ID      LTAI5tExample",
        "AccessKey secret  ********",
        "security token    ********",
        "expires           unknown",
        ""
      ])
    }))

  it.effect("prints JSON without the keys that there is nothing for", () =>
    Effect.gen(function*() {
      const { out } = yield* cli(["get", "--format", "json"], { env: pair })
      assert.deepStrictEqual(JSON.parse(out), {
        type: "access_key",
        providerName: "default/env",
        accessKeyId: "LTAI5tExample",
        accessKeySecret: "s3cr3t'quoted"
      })
    }))

  it.effect("quotes for the shell, and unsets a token that does not belong to the key", () =>
    Effect.gen(function*() {
      const { out } = yield* cli(["get", "--format", "env"], { env: pair })
      assert.deepStrictEqual(out.trim().split("\n"), [
        "export ALIBABA_CLOUD_ACCESS_KEY_ID='LTAI5tExample'",
        "export ALIBABA_CLOUD_ACCESS_KEY_SECRET='s3cr3t'\\''quoted'",
        "unset ALIBABA_CLOUD_SECURITY_TOKEN"
      ])
    }))

  it.effect("prints data byte for byte, and for people nothing that changes how a terminal shows it", () =>
    Effect.gen(function*() {
      const odd = "a\u001b[31mb\u009b1mc"
      const env = { ...pair, ALIBABA_CLOUD_ACCESS_KEY_ID: odd, ALIBABA_CLOUD_ACCESS_KEY_SECRET: odd }
      const { out } = yield* cli(["get", "--format", "json"], { env })
      assert.include(JSON.parse(out), { accessKeyId: odd, accessKeySecret: odd })
      assert.include((yield* cli(["get", "--format", "env"], { env })).out, `SECRET='${odd}'`)
      const { out: table } = yield* cli(["get"], { env, columns: 80 })
      assert.include(table, "a\\u{1b}[31mb\\u{9b}1mc")
      assert.notInclude(table, odd)
    }))

  it.effect("prints what a credentials URI answers, for a session of a role", () =>
    Effect.gen(function*() {
      const { code, out } = yield* cli(["get", "--format", "uri"], laptop("deploy"))
      assert.strictEqual(code, 0)
      const body = JSON.parse(out) as Record<string, string>
      assert.deepStrictEqual(Object.keys(body), [
        "Code",
        "AccessKeyId",
        "AccessKeySecret",
        "SecurityToken",
        "Expiration"
      ])
      assert.match(body["Expiration"]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    }))

  it.effect("prints what a process_command answers, for keys and for sessions", () =>
    Effect.gen(function*() {
      const plain = JSON.parse((yield* cli(["get", "--format", "external"], laptop("plain"))).out)
      assert.deepStrictEqual(plain, { mode: "AK", access_key_id: "LTAI5tPlain", access_key_secret: "s3cr3t-plain" })
      const role = JSON.parse((yield* cli(["get", "--format", "external"], laptop("deploy"))).out)
      assert.deepStrictEqual(Object.keys(role), [
        "mode",
        "access_key_id",
        "access_key_secret",
        "sts_token",
        "expiration"
      ])
      assert.strictEqual(role.mode, "StsToken")
    }))

  it.effect("rejects a plain key for formats that need a session", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* cli(["get", "--format", "uri"], laptop("plain"))
      assert.strictEqual(code, 1)
      assert.strictEqual(out, "")
      assert.include(err, "default/cli_profile/static_ak")
      assert.include(err, "Only temporary credentials can be served")
    }))

  it.effect("knows bearer tokens and anonymous profiles in every format", () =>
    Effect.gen(function*() {
      const bearer = (format: string) => cli(["get", "-f", format], laptop("token"))
      const anonymous = (format: string) => cli(["get", "-f", format], laptop("nobody"))
      assert.include((yield* bearer("table")).out, "bearer token  ********")
      assert.include((yield* bearer("json")).out, "\"bearerToken\": \"s3cr3t-bearer\"")
      assert.include((yield* bearer("env")).out, "export ALIBABA_CLOUD_BEARER_TOKEN='s3cr3t-bearer'")
      assert.strictEqual((yield* bearer("uri")).code, 1)
      assert.strictEqual((yield* bearer("external")).code, 1)
      assert.include((yield* anonymous("table")).out, "anonymous")
      assert.deepStrictEqual(JSON.parse((yield* anonymous("json")).out), {
        type: "anonymous",
        providerName: "default/cli_profile/anonymous"
      })
      for (const format of ["env", "uri", "external"]) {
        assert.strictEqual((yield* anonymous(format)).code, 1, format)
      }
    }))

  it.effect("resolves the selected profile, whatever the environment holds", () =>
    Effect.gen(function*() {
      const given = { ...laptop("plain"), env: { ...offCloud, ...pair } }
      assert.include(
        (yield* cli(["get", "--profile", "deploy"], given)).out,
        "provider          cli_profile/ram_role_arn/static_ak"
      )
      assert.include((yield* cli(["get"], given)).out, "default/env")
      assert.include((yield* cli(["get", "--source", "CliProfile"], given)).out, "cli_profile/static_ak")
    }))

  it.effect("lists the profiles when the selected one is missing", () =>
    Effect.gen(function*() {
      const { code, err } = yield* cli(["get", "--profile", "staging"], laptop("plain"))
      assert.strictEqual(code, 1)
      assert.include(err, "in ~/.aliyun/config.json: there is no profile \"staging\"; the file has ")
      assert.include(err, "deploy")
    }))

  it.effect("rejects options that contradict each other, as bad usage", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* cli(["get", "--strict", "--source", "Environment"])).code, 2)
      assert.strictEqual((yield* cli(["get", "--profile", "a", "--source", "Environment"])).code, 2)
      assert.strictEqual((yield* cli(["get", "--format", "yaml"])).code, 2)
      assert.strictEqual((yield* cli(["got"])).code, 2)
      assert.strictEqual((yield* cli(["get", "surplus"])).code, 2)
      assert.strictEqual((yield* cli(["get", "--", "--format", "json"])).code, 2)
    }))

  it.effect("goes on past a broken source with a warning that says why and what to do", () =>
    Effect.gen(function*() {
      const given = { ...laptop("plain"), env: { ...offCloud, ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tHalf" } }
      const warning =
        "warning: the environment variables cannot be used (ALIBABA_CLOUD_ACCESS_KEY_SECRET: it is not set " +
        "although ALIBABA_CLOUD_ACCESS_KEY_ID is: set both or neither), so the aliyun CLI's profile is used instead.\n" +
        "  More: alicloud-credentials doctor\n"
      for (const args of [["get"], ["get", "--format", "json"], ["get", "--format", "env", "--no-strict"]]) {
        const { code, err } = yield* cli(args, given)
        assert.deepStrictEqual({ code, err }, { code: 0, err: warning })
      }
      const { err } = yield* cli(["get"], { ...given, columns: 80 })
      assert.include(err, "\u001b[33mwarning:\u001b[39m the environment variables")
      assert.notInclude(err, "\u001b[90m")
    }))

  it.effect("names the profile that was passed over, once", () =>
    Effect.gen(function*() {
      const { code, err } = yield* cli(["get"], {
        files: { ".aliyun/config.json": JSON.stringify({ current: "sso", profiles: [{ name: "sso", mode: "AK" }] }) },
        env: { ...offCloud, ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1:6666/session" },
        world: { credentialsUris: [{ path: "/session" }] }
      })
      assert.strictEqual(code, 0)
      assert.include(
        err,
        "warning: profile \"sso\" cannot be used (~/.aliyun/config.json: access_key_id is missing; " +
          "access_key_secret is missing), so the credentials URI is used instead.\n"
      )
    }))

  it.effect("ends at a broken source with --strict, and by default where secrets are handed on", () =>
    Effect.gen(function*() {
      const given = { ...laptop("plain"), env: { ...offCloud, ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tHalf" } }
      for (
        const args of [
          ["get", "--strict"],
          ["get", "--format", "env"],
          ["get", "--format", "uri"],
          ["get", "--format", "external"],
          ["exec", "true"],
          ["serve"]
        ]
      ) {
        const { code, err, out } = yield* cli(args, given)
        assert.deepStrictEqual({ code, out }, { code: 1, out: "" }, args.join(" "))
        assert.match(err, /\nThe chain ends at Environment, because .* --no-strict\.\n$/)
      }
      assert.notInclude((yield* cli(["get", "--strict"], { env: offCloud })).err, "--no-strict")
    }))

  it.live("falls through from a program that cannot be started, and never logs its arguments", () =>
    Effect.gen(function*() {
      for (const program of ["/etc/passwd/get", "get\0"]) {
        const profile = { name: "shared", mode: "External", process_command: `${program} --token s3cr3t` }
        const { code, err, out } = yield* cli(["get", "--log-level", "all"], {
          files: { ".aliyun/config.json": JSON.stringify({ current: "shared", profiles: [profile] }) },
          env: { ...offCloud, ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1:6666/session" },
          world: { credentialsUris: [{ path: "/session" }] }
        })
        assert.strictEqual(code, 0, err)
        assert.include(out, "credential_uri")
        assert.include(err, "cannot be used")
        assert.notInclude(err, "s3cr3t")
      }
    }))
})
