import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, ManagedRuntime } from "effect"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { bundleTool } from "../kit/bundles.ts"
import { makeFolder, start } from "../kit/children.ts"
import { long } from "../kit/long.ts"
import { mustHaveAll, nodes } from "../kit/runtimes.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const source = Path.join(root, "packages", "cli")

const { version } = JSON.parse(Fs.readFileSync(Path.join(source, "package.json"), "utf8")) as {
  readonly version: string
}

const reason = long ? "" : ", in .ci/run only: it is packed and installed"

/** The first test packs and installs. */
const slow = 60_000

const pair = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tExample", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t" }

const answer = {
  type: "access_key",
  providerName: "default/env",
  accessKeyId: "LTAI5tExample",
  accessKeySecret: "s3cr3t"
}

/** A program with nothing of this process' environment but its search path, and with `folder` as its home. */
const run = (
  folder: string,
  program: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
) =>
  spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      TMPDIR: folder,
      ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true",
      npm_config_offline: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
      ...env
    }
  })

const succeeds = (folder: string, program: string, args: ReadonlyArray<string>): string => {
  const { status, stderr, stdout } = run(folder, program, args)
  assert.strictEqual(status, 0, stderr)
  return stdout
}

/** Copies the tool, but for the code that its runs have compiled. */
const copyTool = (from: string, to: string): void =>
  Fs.cpSync(from, to, { recursive: true, filter: (file) => file !== Path.join(from, "compiled") })

/** The folder of a project in which the packed tool is installed, and nothing else. */
class Project extends Context.Tag("test/cli/Project")<Project, string>() {}

const layer = Layer.scoped(
  Project,
  Effect.zipWith(makeFolder("tarball-"), bundleTool, (folder, tool) => {
    const packed = Path.join(folder, "packed")
    const project = Path.join(folder, "project")
    Fs.mkdirSync(packed)
    Fs.mkdirSync(project)
    for (const file of ["package.json", "README.md", "LICENSE"]) {
      Fs.copyFileSync(Path.join(source, file), Path.join(packed, file))
    }
    copyTool(tool, Path.join(packed, "bin"))
    succeeds(packed, "npm", ["pack", "--ignore-scripts", "--pack-destination", folder])
    const tarball = Fs.readdirSync(folder).find((file) => file.endsWith(".tgz"))!
    Fs.writeFileSync(Path.join(project, "package.json"), "{}")
    succeeds(project, "npm", ["install", "--ignore-scripts", Path.join(folder, tarball)])
    return project
  })
)

const runtime = ManagedRuntime.make(layer)

afterAll(() => runtime.dispose())

const project = Effect.promise(() => runtime.runPromise(Project))

const bin = Effect.map(project, (folder) => Path.join(folder, "node_modules", "@effect-alicloud", "cli", "bin"))

/** The files of the tool, by their path in its folder. */
const texts = Effect.map(bin, (bin) =>
  new Map(
    ["main.js", "package.json", "THIRD-PARTY-LICENSES"]
      .concat(Fs.readdirSync(Path.join(bin, "chunks")).map((chunk) => Path.join("chunks", chunk)))
      .map((file) => [file, Fs.readFileSync(Path.join(bin, file), "utf8")])
  ))

/** A copy of the tool that has not run yet, for one test. */
const copy = Effect.gen(function*() {
  const folder = yield* makeFolder("tool-")
  copyTool(yield* bin, folder)
  const main = Path.join(folder, "main.js")
  const compiled = Path.join(folder, "compiled")
  return {
    main,
    compiled,
    run: (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = pair) =>
      run(folder, process.execPath, [main, ...args], env),
    /** The files with compiled code: of the chunks that were loaded by runs that ended well. */
    kept: () =>
      Fs.existsSync(compiled)
        ? Fs.readdirSync(compiled).map((version) => Path.join(compiled, version)).flatMap((folder) =>
          Fs.readdirSync(folder).map((file) => Path.join(folder, file))
        )
        : []
  }
})

/** Chunks that are not in `start.js` have the name of what was imported, and a hash. */
const chunksOf = (files: ReadonlyArray<string>): ReadonlyArray<string> =>
  files.map((file) => Path.basename(file).replace(/-\w+\.js$/, ""))

describe.skipIf(!long)(`the packed tool${reason}`, () => {
  it.live("runs by npx, with no other package installed", () =>
    Effect.gen(function*() {
      const folder = yield* project
      assert.deepStrictEqual(
        Fs.readdirSync(Path.join(folder, "node_modules")).filter((name) => !name.startsWith(".")),
        ["@effect-alicloud"]
      )
      const npx = (args: ReadonlyArray<string>) =>
        run(folder, "npx", ["--no-install", "alicloud-credentials", ...args], pair)
      const get = npx(["get", "--format", "json"])
      assert.strictEqual(get.stderr, "")
      assert.deepStrictEqual(JSON.parse(get.stdout), answer)
      assert.strictEqual(npx(["--version"]).stdout.trim(), version)
    }), slow)

  for (const { name, program } of nodes) {
    const isMissing = program === undefined && !mustHaveAll
    const reason = isMissing ? ", which is not installed: .ci/run installs it" : ""
    it.scopedLive.skipIf(isMissing)(
      `runs on ${name}, with its compiled code the second time${reason}`,
      () =>
        Effect.gen(function*() {
          if (program === undefined) return yield* Effect.dieMessage(`${name} is not installed`)
          const { kept, main } = yield* copy
          const keptAfterRun = () => {
            const { stderr, stdout } = run(Path.dirname(main), program, [main, "get", "--format", "json"], pair)
            assert.strictEqual(stderr, "")
            assert.deepStrictEqual(JSON.parse(stdout), answer)
            return kept().map((file) => [file, Fs.statSync(file).mtimeMs])
          }
          const first = keptAfterRun()
          assert.isAbove(first.length, 0)
          assert.deepStrictEqual(keptAfterRun(), first)
        }),
      slow
    )
  }

  it.live("holds no path of the machine that built it, and no source map", () =>
    Effect.gen(function*() {
      for (const [name, text] of yield* texts) {
        assert.notInclude(text, root, name)
        assert.notInclude(text, "node_modules/", name)
        assert.notInclude(text, "sourceMappingURL", name)
      }
    }), slow)

  it.live("brings the licence of everything that is inside", () =>
    Effect.gen(function*() {
      const licences = (yield* texts).get("THIRD-PARTY-LICENSES")!.split(/^-{80}$/m)
      const names = licences.map((text) => text.trim().split(" ")[0]!)
      assert.includeMembers(names, [
        "@effect/platform",
        "@effect/platform-node",
        "@effect/platform-node-shared",
        "commander",
        "effect",
        "selfsigned",
        "string-width",
        "undici",
        "wrap-ansi"
      ])
      for (const text of licences) {
        assert.match(text, /copyright|licen[cs]e/i)
        assert.notInclude(text, "Licence: unknown")
      }
    }), slow)

  it.scopedLive("loads nothing but what a command needs", () =>
    Effect.gen(function*() {
      const { kept, run } = yield* copy
      run(["--version"])
      const forVersion = chunksOf(kept())
      assert.deepStrictEqual(forVersion, ["start.js"])
      run(["get", "--format", "json"])
      const forGet = chunksOf(kept())
      assert.include(forGet, "get")
      for (
        const late of [
          "demo",
          "dispatcher",
          "doctor",
          "exec",
          "machine.js",
          "NodeTerminal",
          "selfsigned",
          "serve",
          "table",
          "whoami"
        ]
      ) {
        assert.notInclude(forGet, late)
      }
    }), slow)

  it.scopedLive("loads a source when the chain comes to it, or when it is chosen", () =>
    Effect.gen(function*() {
      const { kept, run } = yield* copy
      const folder = yield* makeFolder("sources-")
      const file = Path.join(folder, "config.json")
      const keys = { mode: "AK", access_key_id: "LTAI5tExample", access_key_secret: "s3cr3t" }
      Fs.writeFileSync(
        file,
        JSON.stringify({ current: "a", profiles: [{ name: "a", ...keys }, { name: "b", ...keys }] })
      )
      const env = { ALIBABA_CLOUD_CONFIG_FILE: file }
      const found = run(["get", "--format", "json"], env)
      assert.strictEqual(found.stderr, "")
      assert.strictEqual(JSON.parse(found.stdout).providerName, "default/cli_profile/static_ak")
      assert.include(chunksOf(kept()), "machine.js")
      assert.strictEqual(
        JSON.parse(run(["get", "-f", "json", "-p", "b"], env).stdout).providerName,
        "cli_profile/static_ak"
      )
      const { sources } = JSON.parse(
        run(["doctor", "--format", "json"], { ...env, HTTPS_PROXY: "http://127.0.0.1:1" }).stdout
      )
      assert.deepStrictEqual(
        sources.map(({ source }: { readonly source: string }) => source),
        DefaultChain.sources.map(({ name }) => name)
      )
      assert.include(run(["get", "--source", "CredentialsFile"], {}).stderr, "CredentialsFile")
    }), slow)

  it.scopedLive("reaches the network through what it loads for that", () =>
    Effect.gen(function*() {
      const { run } = yield* copy
      const { status, stderr } = run(["whoami"], { ...pair, HTTPS_PROXY: "http://127.0.0.1:1" })
      assert.strictEqual(status, 1)
      assert.include(stderr, "ECONNREFUSED")
    }), slow)

  it.scopedLive("tells its story", () =>
    Effect.gen(function*() {
      const { main } = yield* copy
      const folder = yield* makeFolder("demo-")
      const child = yield* start([main, "demo"], { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder })
      assert.include(yield* child.next, "simulated cloud at http://127.0.0.1:")
    }), slow)
})

describe.skipIf(!long)(`the compiled code that the tool keeps${reason}`, () => {
  it.scopedLive("is kept by a run that ended well, once", () =>
    Effect.gen(function*() {
      const { kept, run } = yield* copy
      assert.strictEqual(run(["get"], {}).status, 1)
      assert.deepStrictEqual(kept(), [])
      run(["get", "--format", "json"])
      const times = () => kept().map((file) => Fs.statSync(file).mtimeMs)
      const before = times()
      assert.isAbove(before.length, 0)
      assert.deepStrictEqual(JSON.parse(run(["get", "--format", "json"]).stdout), answer)
      assert.deepStrictEqual(times(), before)
    }), slow)

  it.scopedLive("can be written by its owner only", () =>
    Effect.gen(function*() {
      const { compiled, kept, main } = yield* copy
      const { status } = spawnSync("sh", ["-c", "umask 0; exec \"$0\" \"$@\"", process.execPath, main, "--version"])
      assert.strictEqual(status, 0)
      for (const file of [compiled, ...kept().flatMap((file) => [file, Path.dirname(file)])]) {
        assert.strictEqual(Fs.statSync(file).mode & 0o022, 0, file)
      }
    }), slow)

  it.scopedLive("is not used, and replaced, when it was damaged", () =>
    Effect.gen(function*() {
      const { kept, run } = yield* copy
      const get = () => {
        const { status, stderr, stdout } = run(["get", "--format", "json"])
        assert.strictEqual(status, 0, stderr)
        assert.strictEqual(stderr, "")
        assert.deepStrictEqual(JSON.parse(stdout), answer)
      }
      get()
      const damages: ReadonlyArray<(bytes: Buffer) => Uint8Array> = [
        () => Buffer.alloc(0),
        (bytes) => bytes.subarray(0, bytes.length / 2),
        (bytes) => bytes.fill(0),
        (bytes) => bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 16)
      ]
      for (const damage of damages) {
        for (const file of kept()) {
          Fs.writeFileSync(file, damage(Fs.readFileSync(file)))
        }
        const damaged = kept().map((file) => Fs.readFileSync(file))
        get()
        kept().forEach((file, index) => assert.isFalse(Fs.readFileSync(file).equals(damaged[index]!), file))
      }
    }), slow)

  it.scopedLive("is done without where it cannot be written", () =>
    Effect.gen(function*() {
      const { compiled, run } = yield* copy
      Fs.writeFileSync(compiled, "not a folder")
      const { status, stderr, stdout } = run(["get", "--format", "json"])
      assert.strictEqual(status, 0)
      assert.strictEqual(stderr, "")
      assert.deepStrictEqual(JSON.parse(stdout), answer)
      assert.strictEqual(Fs.readFileSync(compiled, "utf8"), "not a folder")
    }), slow)
})
