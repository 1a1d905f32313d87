/** Which Markdown files of the repository are pages, where each of them is on the site, and the sidebar that lists them. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import type { DefaultTheme } from "vitepress"

export const root = fileURLToPath(new URL("../../", import.meta.url))

export const repository = "https://github.com/effect-alicloud/effect-alicloud"

/** The file that a page is made to: `index.md` is the page of its folder. */
export const routeOf = (file: string): string =>
  file === "README-CN.md"
    ? "zh/index.md"
    : file.replace(/^docs\/api\//, "api/").replace(/(^|\/)README\.md$/, "$1index.md")

/** Where a browser finds the page of a file, below the base of the site. */
const linkOf = (file: string): string => `/${routeOf(file).replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, ".html")}`

const titleOf = (file: string): string => {
  const title = /^# (.+)$/m.exec(Fs.readFileSync(Path.join(root, file), "utf8"))?.[1]
  if (title === undefined) throw new Error(`${file} has no heading`)
  return title.replace(/^@effect-alicloud\//, "").replaceAll("`", "")
}

const namesIn = (folder: string): ReadonlyArray<string> => Fs.readdirSync(Path.join(root, folder)).toSorted()

const itemOf = (file: string): DefaultTheme.SidebarItem => ({ text: titleOf(file), link: linkOf(file) })

interface Section {
  readonly title: string
  readonly chinese: string
  readonly files: ReadonlyArray<string>
}

const guides = (title: string, chinese: string, names: ReadonlyArray<string>): Section => ({
  title,
  chinese,
  files: names.map((name) => `docs/${name}.md`)
})

/** A new page of `docs` is added to one of them. */
const sections: ReadonlyArray<Section> = [
  guides("Guides", "指南", [
    "where-it-runs",
    "multi-tenant",
    "session-stores",
    "own-source",
    "testing",
    "telemetry",
    "bundlers",
    "clients"
  ]),
  guides("Help", "帮助", ["troubleshooting", "comparison"]),
  {
    title: "Packages",
    chinese: "软件包",
    files: namesIn("packages")
      .flatMap((name) => [`packages/${name}/README.md`, `packages/${name}/MIGRATION.md`])
      .filter((file) => Fs.existsSync(Path.join(root, file)))
  },
  { title: "Project", chinese: "项目", files: ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"] }
]

const listed = new Set(sections.flatMap(({ files }) => files))

const unlisted = namesIn("docs").map((name) => `docs/${name}`).filter((file) =>
  file.endsWith(".md") && !listed.has(file)
)

if (unlisted.length > 0) throw new Error(`add to a section in docs/site/pages.ts: ${unlisted.join(", ")}`)

/** Whether a file of the repository is a page. */
export const isPage = (file: string): boolean =>
  file === "README.md" || file === "README-CN.md" || listed.has(file) || /^docs\/api\/.+\.md$/.test(file)

/** Patterns of the other Markdown files. */
export const excluded = ["**/CHANGELOG.md", "docs/site/**", "test/**", "packages/*/*/**"]

const modulesIn = (folder: string): ReadonlyArray<DefaultTheme.SidebarItem> =>
  namesIn(folder)
    .filter((name) => name !== "index.md")
    .map((name) =>
      name.endsWith(".md")
        ? { text: name.slice(0, -".md".length), link: linkOf(`${folder}/${name}`) }
        : { text: name, collapsed: true, items: [...modulesIn(`${folder}/${name}`)] }
    )

type Language = "en" | "zh"

const inLanguage = (language: Language, english: string, chinese: string): string =>
  language === "en" ? english : chinese

/** The bar above every page. */
export const navigationOf = (language: Language): Array<DefaultTheme.NavItem> => [
  {
    text: inLanguage(language, "Documentation", "文档"),
    link: language === "en" ? "/" : "/zh/",
    activeMatch: "^/(?!api/)"
  },
  { text: inLanguage(language, "API reference", "API 参考"), link: "/api/", activeMatch: "^/api/" }
]

/** Everything but the API reference. */
export const sidebarOf = (language: Language): Array<DefaultTheme.SidebarItem> => [
  { text: inLanguage(language, "Introduction", "简介"), link: language === "en" ? "/" : "/zh/" },
  ...sections.map(({ chinese, files, title }) => ({
    text: inLanguage(language, title, chinese),
    items: files.map(itemOf)
  }))
]

/** Each package of the API reference with its modules. */
export const reference = (): Array<DefaultTheme.SidebarItem> =>
  namesIn("docs/api")
    .filter((name) => !name.endsWith(".md"))
    .map((name) => ({
      text: name,
      link: linkOf(`docs/api/${name}/index.md`),
      collapsed: true,
      items: [...modulesIn(`docs/api/${name}`)]
    }))
