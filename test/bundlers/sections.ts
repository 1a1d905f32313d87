/**
 * The sections of `docs/bundlers.md` and of the README as projects. Used by `bundle.ts` and by `stranger.ts` of
 * `test/publish`.
 */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"

export interface Section {
  readonly title: string
  /** The files that the page shows: blocks whose first line names one. */
  readonly files: Readonly<Record<string, string>>
  /** What a reader types in a shell, one after the other. */
  readonly commands: ReadonlyArray<string>
}

const sectionOf = (text: string): Section => {
  const fences = Array.from(text.matchAll(/^```(?<language>\w+)\n(?<code>[\s\S]*?)^```$/gm), ({ groups }) => ({
    language: groups!["language"]!,
    code: groups!["code"]!
  }))
  return {
    title: text.slice(0, text.indexOf("\n")),
    files: Object.fromEntries(
      fences.flatMap(({ code }) => {
        const file = /^\/\/ (?<file>\S+\.\w+)\n/.exec(code)?.groups?.["file"]
        return file === undefined ? [] : [[file, code]]
      })
    ),
    commands: fences.flatMap(({ code, language }) => language === "sh" ? [code] : [])
  }
}

/** What a page shows before its first section, and its sections. */
export const read = (page: string): readonly [introduction: Section, ...sections: ReadonlyArray<Section>] => {
  const text = Fs.readFileSync(fileURLToPath(new URL(`../../${page}`, import.meta.url)), "utf8")
  const [introduction = "", ...rest] = text.split(/^## /m)
  return [sectionOf(introduction), ...rest.map(sectionOf)]
}

const [introduction, ...rest] = read("docs/bundlers.md")

/** Those of `docs/bundlers.md`, each with the files of the introduction, too. */
export const sections: ReadonlyArray<Section> = rest.map((section) => ({
  ...section,
  files: { ...introduction.files, ...section.files }
}))
