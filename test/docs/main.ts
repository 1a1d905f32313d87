/**
 * Writes the API documentation into `docs/api`, after it has made sure that every public export is documented: a sentence,
 * `@since`, and one `@category`. With `--check` nothing is written.
 *
 * TypeDoc needs the compiler's programming interface, which the TypeScript of the other scripts does not have; next to this
 * file there is one of version 5.9 for it.
 */
import { fileURLToPath } from "node:url"
import { Application, type ProjectReflection } from "typedoc"
import { undocumented } from "./undocumented.ts"

const app = await Application.bootstrap({ options: fileURLToPath(new URL("typedoc.json", import.meta.url)) })

const write = async (project: ProjectReflection): Promise<void> => {
  app.validate(project)
  for (const problem of undocumented(project)) app.logger.error(problem)
  if (app.logger.hasErrors() || app.logger.hasWarnings() || process.argv.includes("--check")) return
  await app.generateOutputs(project)
}

const project = await app.convert()
if (project !== undefined) await write(project)
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1
