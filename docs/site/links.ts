/**
 * Follows the links of Markdown files, which are relative to the repository: to the page of the site if there is one, else
 * to the file on GitHub. A link to a file that does not exist is an error.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { MarkdownEnv, MarkdownRenderer } from "vitepress"
import { isPage, repository, root, routeOf } from "./pages.ts"

/** As GitHub makes them, whose anchors the links of the repository name. */
export const slugify = (title: string): string =>
  title.trim().toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")

const addressOf = (from: string, link: string): string => {
  const [path = "", anchor] = link.split("#")
  const hash = anchor === undefined ? "" : `#${anchor}`
  const target = Path.posix.join(Path.posix.dirname(from), path).replace(/\/$/, "")
  const file = Path.join(root, target)
  if (!Fs.existsSync(file)) throw new Error(`${from}: ${link} does not exist`)
  const page = [target, Path.posix.join(target, "README.md")].find(isPage)
  return page !== undefined
    ? `/${routeOf(page)}${hash}`
    : `${repository}/${Fs.statSync(file).isDirectory() ? "tree" : "blob"}/main/${target}${hash}`
}

const elsewhere = /^(?:[a-z]+:|#)/

/** For `markdown-it`. */
export const links = (md: MarkdownRenderer): void => {
  md.core.ruler.push("repository-links", ({ env, tokens }) => {
    const { path, realPath = path } = env as MarkdownEnv
    const from = Path.relative(root, realPath).replaceAll("\\", "/")
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet("href")
      if (token.type === "link_open" && href !== null && !elsewhere.test(href)) {
        token.attrSet("href", addressOf(from, decodeURI(href)))
      }
    }
  })
}
