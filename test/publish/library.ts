/**
 * A library of a user, beside the installed packages: it exports what every function and value of every public module gives,
 * with inferred types, and is compiled with its declarations. Another program then reads those, with `skipLibCheck: false`.
 * Both are compiled under each way in which TypeScript finds modules: a type that users cannot name fails the library, one
 * that they cannot find is `any` to the program. Used by `main.ts`.
 */
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { run, runBin } from "./run.ts"

type Export = readonly [specifier: string, name: string]

/** Prints the exports of modules. */
const lister = (specifiers: ReadonlyArray<string>): string =>
  `const exports = []
for (const specifier of ${JSON.stringify(specifiers)}) {
  for (const name of Object.keys(await import(specifier))) exports.push([specifier, name])
}
process.stdout.write(JSON.stringify(exports))
`

const library = (specifiers: ReadonlyArray<string>, exports: ReadonlyArray<Export>): string =>
  `import { AccessKey, CredentialsProvider } from "@effect-alicloud/credentials"
import { NodeCredentials } from "@effect-alicloud/node"
import { Effect, Redacted } from "effect"
${specifiers.map((specifier, index) => `import * as module${index} from ${JSON.stringify(specifier)}`).join("\n")}

declare const given: {
  <A>(_: (...args: never) => A): A
  <A>(_: abstract new(...args: never) => A): A
  <A>(_: A): A
}
${
    exports.map(([specifier, name], index) =>
      `export const value${index} = given(module${specifiers.indexOf(specifier)}.${name})`
    ).join("\n")
  }
export const value${exports.length} = Effect.provide(CredentialsProvider.get, NodeCredentials.layer)
export const value${exports.length + 1}: Promise<string> = Effect.runPromise(CredentialsProvider.get.pipe(
  Effect.map((credentials) => credentials.type),
  Effect.provide(AccessKey.layer({ accessKeyId: "LTAI5tExample", accessKeySecret: Redacted.make("secret") }))
))
`

const program = (count: number): string =>
  `import * as library from "./library.js"
type IsAny<A> = 0 extends 1 & A ? true : false
${
    Array.from({ length: count }, (_, index) => `export const is${index}: IsAny<typeof library.value${index}> = false`)
      .join("\n")
  }
`

const resolutions = ["node16", "nodenext", "bundler"]

const moduleOf = (resolution: string): string =>
  resolution === "node10" || resolution === "bundler" ? "esnext" : resolution

/** The specifiers of this project that a declaration imports from. */
const ours = (declaration: string): ReadonlyArray<string> =>
  Array.from(
    declaration.matchAll(/(?:\bfrom |import\()"(?<path>@effect-alicloud\/[^"]*)"/g),
    ({ groups }) => groups!["path"]!
  )

/** Writes the library and its user for one resolution, and answers their projects. */
const write = (at: string, resolution: string, texts: { readonly library: string; readonly program: string }) => {
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    module: moduleOf(resolution),
    moduleResolution: resolution,
    types: ["node"],
    typeRoots: [Path.join(at, "../node_modules/@types")],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipDefaultLibCheck: true
  }
  const files = {
    "library.ts": texts.library,
    "user/program.ts": texts.program,
    "tsconfig.json": JSON.stringify({
      compilerOptions: { ...compilerOptions, declaration: true, skipLibCheck: true, outDir: "user" },
      files: ["library.ts"]
    }),
    "user/tsconfig.json": JSON.stringify({
      compilerOptions: { ...compilerOptions, noEmit: true, skipLibCheck: false },
      files: ["program.ts"]
    })
  }
  Fs.mkdirSync(Path.join(at, "user"), { recursive: true })
  for (const [name, text] of Object.entries(files)) Fs.writeFileSync(Path.join(at, name), text)
  return [Path.join(at, "tsconfig.json"), Path.join(at, "user", "tsconfig.json")]
}

/** Compiles the library and its user in a folder into which the packages are installed. */
export const compileLibrary = async (folder: string, specifiers: ReadonlyArray<string>): Promise<void> => {
  Fs.writeFileSync(Path.join(folder, "exports.mjs"), lister(specifiers))
  const exports = JSON.parse(await run(process.execPath, ["exports.mjs"], folder)) as ReadonlyArray<Export>
  const texts = { library: library(specifiers, exports), program: program(exports.length + 2) }
  const compileAll = async (
    version: string,
    resolutions: ReadonlyArray<string>,
    compile: (projects: ReadonlyArray<string>) => Promise<unknown>
  ): Promise<void> => {
    const places = resolutions.map((resolution) => Path.join(folder, `${version}-${resolution}`))
    await compile(resolutions.flatMap((resolution, index) => write(places[index]!, resolution, texts)))
    for (const at of places) {
      const closed = ours(Fs.readFileSync(Path.join(at, "user", "library.d.ts"), "utf8"))
        .filter((specifier) => !specifiers.includes(specifier))
      if (closed.length > 0) throw new Error(`the declarations in ${at} name ${closed.join(", ")}`)
    }
  }
  const compiler = fileURLToPath(new URL("compile.ts", import.meta.url))
  const ownTypeScript = createRequire(new URL("../../package.json", import.meta.url)).resolve("typescript/package.json")
  await Promise.all([
    compileAll(
      "5.9",
      ["node10", ...resolutions],
      (projects) => run(process.execPath, [...process.execArgv, compiler, ...projects], folder)
    ),
    // This one has no `node10` any more.
    compileAll("own", resolutions, async (projects) => {
      for (const project of projects) await runBin(ownTypeScript, "tsc", ["-p", project], folder)
    })
  ])
}
