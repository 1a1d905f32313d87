/**
 * Writes the API reference as Markdown into `docs/api`, after it has made sure that every public export is documented: a
 * sentence, `@since`, and one `@category`. The site shows it.
 *
 * TypeDoc needs the compiler's programming interface, which the TypeScript of the repository does not have; this package
 * brings a TypeScript 5.9 for it.
 */
import { fileURLToPath } from "node:url"
import { Application, type Reflection } from "typedoc"
import { type MarkdownPageEvent, MarkdownTheme, type MarkdownThemeContext, ModuleRouter } from "typedoc-plugin-markdown"
import { undocumented } from "./undocumented.ts"

const scope = "@effect-alicloud/"

/** A module is where its import says: `credentials/RamRoleArn`, and a package at `credentials/index`. */
class Imports extends ModuleRouter {
  override getIdealBaseName(reflection: Reflection): string {
    const name = reflection.getFullName("/").replace(scope, "")
    return name.includes("/") ? name : `${name}/index`
  }
}

/** Signatures have the types of parameters and results, which need no sections of their own, nor do inherited members. */
class Brief extends MarkdownTheme {
  override getRenderContext(page: MarkdownPageEvent<Reflection>): MarkdownThemeContext {
    const context = super.getRenderContext(page)
    context.partials.signatureReturns = () => ""
    context.partials.inheritance = () => ""
    return context
  }
}

/** Returns whether it was written; what is wrong with it is printed. */
export const writeApi = async (): Promise<boolean> => {
  const app = await Application.bootstrapWithPlugins({
    options: fileURLToPath(new URL("typedoc.json", import.meta.url))
  })
  app.renderer.defineRouter("imports", Imports)
  app.renderer.defineTheme("brief", Brief)
  const failed = () => app.logger.hasErrors() || app.logger.hasWarnings()
  const project = await app.convert()
  if (project === undefined) return false
  app.validate(project)
  // The modules that are no member of an index have the name of their file.
  for (const module of project.children ?? []) {
    module.name = module.name.replace(/^(credentials)\/src\//, `${scope}$1/`)
  }
  for (const problem of undocumented(project)) app.logger.error(problem)
  if (!failed()) await app.generateOutputs(project)
  return !failed()
}
