/** Draws the diagrams of Markdown files while the site is built, so that browsers need no library for them. */
import { renderMermaidSVG } from "beautiful-mermaid"
import type { MarkdownRenderer } from "vitepress"

const options = {
  bg: "var(--vp-c-bg)",
  fg: "var(--vp-c-text-1)",
  transparent: true,
  padding: 8,
  nodeSpacing: 12,
  layerSpacing: 24
}

/** Without the font that it loads from another host. */
const draw = (diagram: string): string => renderMermaidSVG(diagram, options).replace(/^.*@import url\(.*\n/m, "")

/** For `markdown-it`. */
export const diagrams = (md: MarkdownRenderer): void => {
  const { fence } = md.renderer.rules
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const { content = "", info = "" } = tokens[index] ?? {}
    return info === "mermaid"
      ? `<div class="diagram" v-html="${md.utils.escapeHtml(JSON.stringify(draw(content)))}"></div>`
      : fence!(tokens, index, ...rest)
  }
}
