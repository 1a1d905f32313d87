/** The pages that a browser sees after the sign-in, for `callback.ts`. They load nothing and say no more than what to do. */
import { createHash } from "node:crypto"
import type * as Http from "node:http"

/**
 * - `accepted`, `denied`: the answer of the login
 * - `over`: one after that
 * - `refused`: another request, or one that is not of this login
 * - `missing`, `method`: another path or method
 */
export type Kind = "accepted" | "denied" | "over" | "refused" | "missing" | "method"

interface Text {
  readonly status: number
  readonly title: readonly [english: string, chinese: string]
  readonly text: readonly [english: string, chinese: string]
}

const back: Text["text"] = [
  "You can close this page and return to the terminal.",
  "您可以关闭此页面，返回终端继续操作。"
]

const again: Text["text"] = [
  "Close this page and use the address that the terminal shows now.",
  "请关闭此页面，使用终端当前显示的地址重新登录。"
]

const texts: Readonly<Record<Kind, Text>> = {
  accepted: { status: 200, title: ["Signed in", "登录成功"], text: back },
  denied: { status: 200, title: ["Sign-in denied", "登录已被拒绝"], text: back },
  over: { status: 410, title: ["This sign-in is over", "本次登录已结束"], text: back },
  refused: { status: 400, title: ["Not the sign-in that is waiting", "与正在进行的登录不符"], text: again },
  missing: { status: 404, title: ["Not found", "页面不存在"], text: again },
  method: { status: 405, title: ["Not allowed", "不支持的请求"], text: again }
}

const style = `:root{color-scheme:light dark;font:16px/1.6 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-content:center;text-align:center}
main{padding:2rem}h1{font-size:1.5rem;margin:0 0 .5rem}p{margin:0}section+section{margin-top:2rem}`

const styleHash = createHash("sha256").update(style).digest("base64")

const render = ({ text, title }: Text): string =>
  `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title[0]} · ${title[1]}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<section lang="en"><h1>${title[0]}</h1><p>${text[0]}</p></section>
<section lang="zh-CN"><h1>${title[1]}</h1><p>${text[1]}</p></section>
</main>
</body>
</html>
`

/** Answers with a page, and ends the connection. */
export const send = (response: Http.ServerResponse, kind: Kind): void => {
  const body = Buffer.from(render(texts[kind]))
  response.writeHead(texts[kind].status, {
    "content-type": "text/html; charset=utf-8",
    "content-length": body.length,
    "content-security-policy":
      `default-src 'none'; img-src data:; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    ...(kind === "method" ? { allow: "GET" } : {}),
    connection: "close"
  })
  response.end(body)
}
