/** The blocks of the READMEs that are marked `typescript`, which are for bundlers. `test/docs` compiles those for Node.js. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { makeFolder } from "../kit/children.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

const tsc = Path.join(
  Path.dirname(createRequire(Path.join(root, "package.json")).resolve("typescript/package.json")),
  "bin",
  "tsc"
)

const blocks = ["README.md", "README-CN.md", "packages/sdk/README.md"].map((page) => ({
  page,
  codes: [...Fs.readFileSync(Path.join(root, page), "utf8").matchAll(/^```typescript\n([^]*?)^```$/gm)].map((
    [, code]
  ) => code!)
}))

describe("the official clients in the READMEs", () => {
  for (
    const [title, modules] of [
      ["moduleResolution bundler", { module: "esnext", moduleResolution: "bundler" }],
      ["module preserve", { module: "preserve" }]
    ] as const
  ) {
    it.scopedLive(`compile with ${title}`, () =>
      Effect.gen(function*() {
        const folder = yield* makeFolder("resolution-")
        Fs.symlinkSync(Path.join(root, "test", "node_modules"), Path.join(folder, "node_modules"))
        for (const [index, { codes, page }] of blocks.entries()) {
          assert.isNotEmpty(codes, page)
          for (const [number, code] of codes.entries()) {
            Fs.writeFileSync(Path.join(folder, `${index}-${number}.ts`), code)
          }
        }
        const compilerOptions = {
          ...modules,
          target: "es2022",
          lib: ["es2022", "dom"],
          types: ["node"],
          typeRoots: [Path.join(root, "node_modules", "@types")],
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          allowImportingTsExtensions: true,
          skipLibCheck: true
        }
        Fs.writeFileSync(Path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }))
        const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" })
        assert.deepStrictEqual({ status, stdout }, { status: 0, stdout: "" })
      }), 60_000)
  }
})
