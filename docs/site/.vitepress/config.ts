/** The site: the Markdown files of the repository where they are, in two languages, with one search for all of them. */
import { defineConfig } from "vitepress"
import { breaks } from "../breaks.ts"
import { diagrams } from "../diagrams.ts"
import { links, slugify } from "../links.ts"
import { excluded, isPage, navigationOf, reference, repository, root, routeOf, sidebarOf } from "../pages.ts"
import { oneIndex, plain, tokenize } from "../search.ts"

export default defineConfig({
  title: "@effect-alicloud",
  description: "Alibaba Cloud access credentials for Effect: find, refresh and hand out.",
  base: process.env["SITE_BASE"] ?? "/effect-alicloud/",
  srcDir: root,
  srcExclude: excluded,
  outDir: "dist",
  cacheDir: "node_modules/.vitepress",
  rewrites: routeOf,
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    anchor: { slugify },
    config: (md) => {
      links(md)
      breaks(md)
      diagrams(md)
    }
  },
  vite: {
    publicDir: false,
    plugins: [oneIndex],
    // The largest is the index of the search, which is loaded by the search.
    build: { chunkSizeWarningLimit: 4000, reportCompressedSize: false }
  },
  transformPageData: ({ filePath }) => {
    if (!isPage(filePath)) throw new Error(`${filePath} is in no section of docs/site/pages.ts`)
    return filePath.startsWith("docs/api/") ? { frontmatter: { editLink: false, pageClass: "api" } } : {}
  },
  locales: {
    root: { label: "English", lang: "en" },
    zh: {
      label: "简体中文",
      lang: "zh-CN",
      description: "为 Effect 应用提供阿里云访问凭据：查找、刷新和分发。",
      themeConfig: {
        nav: navigationOf("zh"),
        sidebar: { "/zh/": sidebarOf("zh") },
        outline: { label: "本页目录", level: [2, 3] },
        docFooter: { prev: "上一页", next: "下一页" },
        editLink: { pattern: `${repository}/edit/main/:path`, text: "在 GitHub 上编辑此页" },
        sidebarMenuLabel: "目录",
        returnToTopLabel: "返回顶部",
        darkModeSwitchLabel: "外观",
        langMenuLabel: "语言"
      }
    }
  },
  themeConfig: {
    i18nRouting: false,
    nav: navigationOf("en"),
    sidebar: { "/": sidebarOf("en"), "/api/": reference() },
    outline: [2, 3],
    editLink: { pattern: `${repository}/edit/main/:path` },
    socialLinks: [{ icon: "github", link: repository }],
    search: {
      provider: "local",
      options: {
        _render: plain,
        miniSearch: { options: { tokenize } },
        locales: {
          zh: {
            translations: {
              button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
              modal: {
                displayDetails: "显示详情",
                resetButtonTitle: "清除",
                backButtonTitle: "关闭",
                noResultsText: "没有结果：",
                footer: { selectText: "选择", navigateText: "移动", closeText: "关闭" }
              }
            }
          }
        }
      }
    }
  }
})
