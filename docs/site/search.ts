/** One search for both languages. */
import type { DefaultTheme, Plugin } from "vitepress"

type Render = NonNullable<DefaultTheme.LocalSearchOptions["_render"]>

/**
 * Words, and of Chinese, which has no spaces, each two signs that follow each other. Credentials have two names there. It
 * runs in the browser, where nothing outside of it exists.
 */
export const tokenize = (text: string): Array<string> =>
  (text.replaceAll("凭证", "凭据").match(/\p{Script=Han}+|[^\s\p{P}\p{S}\p{Script=Han}]+/gu) ?? []).flatMap((word) =>
    /^\p{Script=Han}{2}/u.test(word)
      ? Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2))
      : word
  )

/** Every page is in the index of the root language, also the Chinese one. */
export const oneIndex: Plugin = {
  name: "one-index",
  transform: (code, id) =>
    id === "/@localSearchIndex"
      ? code.replace("export default {", "$&zh: () => import('@localSearchIndexroot'),")
      : undefined
}

/** A page without the colours of its code, which take long. */
export const plain: Render = (text, env, md) => {
  const { highlight } = md.options
  md.set({ highlight: null })
  const html = md.render(text, env)
  md.set({ highlight })
  return html
}
