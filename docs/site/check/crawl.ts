/** Follows every link of the built site, as a file: pages, anchors, pictures, scripts and styles. */
import * as Fs from "node:fs"
import * as Path from "node:path"

const attributes = /<(?<tag>\w+)\s[^>]*?(?<name>href|src)="(?<value>[^"]*)"/g

const ids = (html: string): ReadonlySet<string> =>
  new Set(Array.from(html.matchAll(/ id="([^"]*)"/g), ([, id = ""]) => id))

/** Returns the number of pages and links, and what is wrong with them. */
export const crawl = (folder: string, base: string) => {
  const files = Fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"))
  const pages = new Map(
    files.filter((file) => file.endsWith(".html")).map((file) => {
      const html = Fs.readFileSync(Path.join(folder, file), "utf8")
      return [file, { html, ids: ids(html) }] as const
    })
  )
  const there = new Set(files)

  const problemOf = (from: string, tag: string, value: string): string | undefined => {
    if (/^(?:https?:|mailto:)/.test(value)) return tag === "a" ? undefined : "comes from another host"
    if (value.startsWith("data:")) return undefined
    const { hash, pathname } = new URL(value, `http://site${base}${from}`)
    if (!pathname.startsWith(base)) return "is outside the site"
    const file = decodeURI(pathname.slice(base.length)).replace(/(^|\/)$/, "$1index.html")
    if (!there.has(file)) return "does not exist"
    const anchor = decodeURIComponent(hash.slice(1))
    return anchor === "" || pages.get(file)?.ids.has(anchor) ? undefined : "names no heading"
  }

  const links = [...pages].flatMap(([page, { html }]) =>
    Array.from(html.matchAll(attributes), ({ groups }) => ({ page, tag: groups!["tag"]!, value: groups!["value"]! }))
  )
  const problems = links.flatMap(({ page, tag, value }) => {
    const problem = problemOf(page, tag, value)
    return problem === undefined ? [] : [`${page}: ${value} ${problem}`]
  })
  return { pages: pages.size, links: links.length, problems }
}
