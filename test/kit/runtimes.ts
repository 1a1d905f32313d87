/** The runtimes of the package `test/runtimes`, which `.ci/run` installs. */
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { long } from "./long.ts"

export interface Runtime {
  readonly name: string
  /** The program, `undefined` when it is not installed or npm has none for this machine. */
  readonly program: string | undefined
  /** What goes before the file of a program that needs the network at `port` and its variables. */
  readonly args: (port: number) => ReadonlyArray<string>
  /** What goes before the file of a program that needs files, other programs and the system, too. */
  readonly allArgs: ReadonlyArray<string>
}

const require = createRequire(new URL("../runtimes/package.json", import.meta.url))

/** The file of a package in `test/runtimes`; `undefined` when the package is not installed. */
export const resolve = (file: string): string | undefined => {
  try {
    return require.resolve(file)
  } catch {
    return undefined
  }
}

/**
 * The program in the platform's package of a runtime. The install script that would put it into the runtime's own
 * package is not needed, and does not run.
 */
const programOf = (runtime: string, files: ReadonlyArray<string>): string | undefined => {
  const manifest = resolve(`${runtime}/package.json`)
  if (manifest === undefined) return undefined
  const { optionalDependencies } = JSON.parse(Fs.readFileSync(manifest, "utf8")) as {
    readonly optionalDependencies: Readonly<Record<string, string>>
  }
  const folders = Object.keys(optionalDependencies).flatMap((platform) => {
    try {
      return [Path.dirname(createRequire(manifest).resolve(`${platform}/package.json`))]
    } catch {
      return []
    }
  })
  return folders.flatMap((folder) => files.map((file) => Path.join(folder, file))).find(Fs.existsSync)
}

/** Node.js of a major version: from its package, else the one that runs the tests if it is that version. */
const nodeOf = (major: number): Runtime => ({
  name: `Node.js ${major}`,
  program: resolve(`node-${major}/bin/node`) ??
    (process.versions.node.startsWith(`${major}.`) ? process.execPath : undefined),
  args: () => [],
  // Its tests want no word on standard error.
  allArgs: ["--pending-deprecation"]
})

export const nodes: ReadonlyArray<Runtime> = [20, 22, 24, 26].map(nodeOf)

export const runtimes: ReadonlyArray<Runtime> = [
  ...nodes,
  { name: "Bun", program: programOf("bun", ["bin/bun", "bin/bun.exe"]), args: () => ["run"], allArgs: ["run"] },
  {
    name: "Deno",
    program: programOf("deno", ["deno", "deno.exe"]),
    args: (port) => [
      "run",
      "--no-prompt",
      "--no-config",
      "--no-remote",
      "--no-npm",
      `--allow-net=127.0.0.1:${port}`,
      "--allow-env=ALIBABA_CLOUD_*,ALICLOUD_*,ALIYUN_*,SCENARIO_*"
    ],
    allArgs: [
      "run",
      "--no-prompt",
      "--no-config",
      "--no-remote",
      "--no-npm",
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--allow-write",
      "--allow-run",
      "--allow-sys"
    ]
  }
]

/** `.ci/run` installs all runtimes, and npm has them for this platform: their absence is a broken installation. */
export const mustHaveAll = long && process.platform === "linux" && process.arch === "x64"
