/**
 * Looks at the types of packed packages as `attw --profile esm-only` does: whether each entry point has them under every way
 * in which TypeScript finds ES modules. All packages at once, because most of the time goes into loading a compiler. Its
 * argument is a list of tarballs and their entry points, as JSON. Started by `main.ts`.
 */
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import * as Fs from "node:fs"

const tarballs = JSON.parse(process.argv[2]!) as ReadonlyArray<readonly [tarball: string, entrypoints: Array<string>]>

for (const [tarball, entrypoints] of tarballs) {
  const analysis = await checkPackage(createPackageFromTarballData(Fs.readFileSync(tarball)), { entrypoints })
  const problems = !analysis.types
    ? ["it has no types"]
    : analysis.problems.filter((problem) =>
      !("resolutionKind" in problem) || !["node10", "node16-cjs"].includes(problem.resolutionKind)
    )
  for (const problem of problems) {
    process.stderr.write(`${tarball}: ${JSON.stringify(problem)}\n`)
    process.exitCode = 1
  }
}
