/** Lets long names in the cells of tables break between their words; elsewhere the style keeps them whole. */
import type { MarkdownRenderer } from "vitepress"

const ends = /(?<=\w)[./_-](?=\w)|(?<=[a-z])(?=[A-Z])/g

/** For `markdown-it`. */
export const breaks = (md: MarkdownRenderer): void => {
  const { code_inline: code } = md.renderer.rules
  md.renderer.rules.code_inline = (...args) =>
    code!(...args).replace(/>[^<]+</, (text) => text.replace(ends, "$&<wbr>"))
}
