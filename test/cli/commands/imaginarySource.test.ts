/** A source that only these tests know: adding its definition to the list is enough for the chain and for every command. */
import { Credentials, CredentialsError, CredentialsProvider, DefaultChain, Source } from "@effect-alicloud/credentials"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Option } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { Sources } from "../../../packages/cli/src/internal/sources.ts"
import { cli } from "../../kit/cli.ts"
import { doctor, makeFolder, offCloud } from "./utils/doctor.ts"

const name = "Imaginary"

const variables = {
  role: "IMAGINARY_ROLE",
  token: "ALIBABA_CLOUD_IMAGINARY_TOKEN",
  switch: "IMAGINARY_DISABLED"
} as const

const given = { [variables.role]: "deploy", [variables.token]: "s3cr3t-imaginary", ...offCloud }

const missing = (detail: string) =>
  new CredentialsError.SourceUnavailable({ source: name, detail, hint: `Set ${variables.token}.` })

const imaginary: Source.Definition = {
  name,
  variables: [{ name: variables.role, kind: "identity" }, { name: variables.token, kind: "secret" }],
  switches: [variables.switch],
  fromEnv: Effect.configProviderWith((provider) =>
    Effect.succeed(Source.fromEffect(
      name,
      Config.all([
        Config.option(Config.redacted(variables.token)),
        Config.withDefault(Config.boolean(variables.switch), false)
      ]).pipe(
        Effect.withConfigProvider(provider),
        Effect.mapError(() => missing("the environment cannot be read")),
        Effect.filterOrFail(([, isOff]) => !isOff, () => missing(`it is switched off by ${variables.switch}`)),
        Effect.flatMap(([token]) => Effect.mapError(token, () => missing(`${variables.token} is not set`))),
        Effect.map((token) =>
          Credentials.sts({
            type: "imaginary",
            providerName: "imaginary",
            accessKeyId: "STS.Imaginary",
            accessKeySecret: token,
            securityToken: token
          })
        )
      )
    ))
  ),
  places: () =>
    Effect.forEach(Object.values(variables), (name) =>
      Effect.map(
        Effect.option(Config.redacted(name)),
        (value) => ({ _tag: "Variable", name, set: Option.isSome(value) })
      ))
}

const withImaginary = Effect.provideService(Sources, [...DefaultChain.sources, imaginary])

describe("a source that is added to the list", () => {
  it.scoped("wins in the chain and is in its report", () =>
    Effect.gen(function*() {
      const chain = yield* DefaultChain.make({ sources: [imaginary] })
      const provider = yield* CredentialsProvider.make(chain)
      const credentials = yield* provider.get
      assert.strictEqual(credentials.type, "imaginary")
      assert.strictEqual(credentials.providerName, "default/imaginary")
      assert.deepStrictEqual(Option.getOrUndefined((yield* provider.report).winner), name)
    }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(given))))))

  it.effect("comes last in the chain of every command", () =>
    Effect.gen(function*() {
      const { code, out } = yield* cli(["get", "--format", "json"], { env: given })
      assert.strictEqual(code, 0)
      assert.include(out, "default/imaginary")
      const unset = yield* cli(["get"], { env: { ...given, [variables.switch]: "true" } })
      assert.strictEqual(unset.code, 1)
      assert.include(unset.err, `- ${name} is not configured: it is switched off by ${variables.switch}`)
    }).pipe(withImaginary))

  it.effect("is a choice of --source, and has no profiles", () =>
    Effect.gen(function*() {
      const { code, out } = yield* cli(["get", "--source", name, "--format", "json"], { env: given })
      assert.strictEqual(code, 0)
      assert.include(out, "STS.Imaginary")
      assert.include((yield* cli(["get", "--help"])).out.replaceAll(/\s+/g, " "), `, ${name}.`)
      const profile = yield* cli(["get", "--source", name, "--profile", "a"], { env: given })
      assert.strictEqual(profile.code, 2)
      assert.include(profile.err, `--source ${name}`)
    }).pipe(withImaginary))

  it.effect("is in the report of doctor with what it looked at, and its variables are not taken for mistakes", () =>
    Effect.gen(function*() {
      const { checks, report, status } = yield* doctor({ env: given })
      assert.strictEqual(status(name), "won")
      assert.deepStrictEqual(report.sources.at(-1)?.lookedAt, [
        { kind: "variable", name: variables.role, set: true },
        { kind: "variable", name: variables.token, set: true },
        { kind: "variable", name: variables.switch, set: false }
      ])
      assert.deepStrictEqual(checks("variable"), [])
      const misspelt = yield* doctor({ env: { ...given, ALIBABA_CLOUD_IMAGINARY_TOKN: "s3cr3t" } })
      assert.include(misspelt.checks("variable")[0]?.fix, variables.token)
    }).pipe(withImaginary))

  it.live("does not choose the credentials of the child of exec", () =>
    Effect.gen(function*() {
      const file = Path.join(makeFolder(), "env.json")
      yield* Effect.acquireUseRelease(
        Effect.sync(() => Object.assign(process.env, given, { [variables.switch]: "false" })),
        () =>
          Effect.gen(function*() {
            const script = `require("fs").writeFileSync(${JSON.stringify(file)},JSON.stringify(process.env))`
            const { code, err } = yield* cli(["exec", "--", process.execPath, "-e", script], { env: given })
            assert.deepStrictEqual({ code, err }, { code: 0, err: "" })
          }),
        () =>
          Effect.sync(() => {
            for (const name of Object.keys({ ...given, [variables.switch]: "" })) delete process.env[name]
          })
      )
      const seen = JSON.parse(Fs.readFileSync(file, "utf8")) as Record<string, string>
      assert.notProperty(seen, variables.role)
      assert.notProperty(seen, variables.token)
      assert.strictEqual(seen[variables.switch], "true")
    }).pipe(withImaginary))
})
