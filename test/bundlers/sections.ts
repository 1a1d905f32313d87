/** The sections of `docs/bundlers.md` as projects. Used by `bundle.ts`. */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"

export interface Section {
  readonly title: string
  /** The files that the page shows; the first line of each names it. */
  readonly files: Readonly<Record<string, string>>
  /** What a reader types in a shell, one after the other. */
  readonly commands: ReadonlyArray<string>
}

const page = fileURLToPath(new URL("../../docs/bundlers.md", import.meta.url))

const sectionOf = (text: string): Section => {
  const fences = Array.from(text.matchAll(/^```(?<language>\w+)\n(?<code>[\s\S]*?)^```$/gm), ({ groups }) => ({
    language: groups!["language"]!,
    code: groups!["code"]!
  }))
  return {
    title: text.slice(0, text.indexOf("\n")),
    files: Object.fromEntries(
      fences.filter(({ language }) => language !== "sh").map((
        { code }
      ) => [/^\/\/ (?<file>\S+)\n/.exec(code)!.groups!["file"]!, code])
    ),
    commands: fences.flatMap(({ code, language }) => language === "sh" ? [code] : [])
  }
}

const [introduction, ...rest] = Fs.readFileSync(page, "utf8").split(/^## /m).map(sectionOf)

/** Each with the files of the introduction, too. */
export const sections: ReadonlyArray<Section> = rest.map((section) => ({
  ...section,
  files: { ...introduction!.files, ...section.files }
}))
