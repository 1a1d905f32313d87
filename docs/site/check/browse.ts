/**
 * Opens pages of the built site in headless Chromium as a phone and a desktop show them, and searches in them. The pictures
 * are for people to look at.
 */
import { Effect, type Scope } from "effect"
import * as Fs from "node:fs"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import * as Path from "node:path"
import { launch, type Tab } from "./devtools.ts"

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2"
}

/** Serves the site as any host of static files does, and gives its address. */
const serve = (folder: string, base: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Http.Server>((resume) => {
      const server = Http.createServer((request, response) => {
        const { pathname } = new URL(request.url ?? "", "http://site")
        const file = Path.join(folder, decodeURI(pathname).replace(base, "/").replace(/\/$/, "/index.html"))
        const found = pathname.startsWith(base) && Fs.existsSync(file)
        response.writeHead(found ? 200 : 404, { "content-type": types[Path.extname(file)] ?? "text/plain" })
        response.end(found ? Fs.readFileSync(file) : "")
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close().closeAllConnections())
  ).pipe(Effect.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`))

const widths = { phone: 390, desktop: 1280 }

const pages = {
  english: "",
  chinese: "zh/",
  tables: "docs/clients.html",
  diagram: "ARCHITECTURE.html",
  package: "api/credentials/",
  reference: "api/credentials/RamRoleArn.html"
}

/** What to type into the search of a start page, and what the first result is about. */
const searches = [
  { device: "desktop", page: "", query: "RamRoleArn", finds: "RamRoleArn" },
  { device: "phone", page: "zh/", query: "凭证", finds: "凭据" },
  { device: "desktop", page: "zh/", query: "FileSessionStore", finds: "FileSessionStore" }
] as const

/** Waits until a condition of the page holds. */
const until = (tab: Tab, condition: string) =>
  tab.evaluate(`new Promise((resolve, reject) => {
    const end = Date.now() + 60_000
    const look = () => {
      if (${condition}) resolve()
      else if (Date.now() > end) reject(new Error(location.href + " is not as it should be"))
      else setTimeout(look, 20)
    }
    look()
  })`)

const go = (tab: Tab, address: string, width: number) =>
  Effect.gen(function*() {
    yield* tab.send("Emulation.setDeviceMetricsOverride", {
      width,
      height: 844,
      deviceScaleFactor: 1,
      mobile: width < 500
    })
    yield* tab.send("Page.navigate", { url: address })
    yield* until(tab, `document.readyState === "complete" && document.querySelector("#app")?.__vue_app__ !== undefined`)
  })

const picture = (tab: Tab, folder: string, name: string) =>
  Effect.map(tab.send("Page.captureScreenshot"), ({ data }) => {
    Fs.mkdirSync(folder, { recursive: true })
    Fs.writeFileSync(Path.join(folder, `${name}.png`), Buffer.from(data as string, "base64"))
  })

/** What went wrong in a tab: errors, failed requests, and requests to another host. */
const problemsOf = (tab: Tab, site: string): ReadonlyArray<string> =>
  tab.events.flatMap(({ method, params }) => {
    const { args, entry, exceptionDetails, request, response, type } = params
    switch (method) {
      case "Runtime.exceptionThrown":
        return [exceptionDetails.exception?.description ?? exceptionDetails.text]
      case "Runtime.consoleAPICalled":
        return type === "error" || type === "warning" ? [args.map(({ value }) => value).join(" ")] : []
      case "Log.entryAdded":
        return entry.level === "error" ? [`${entry.text} ${entry.url ?? ""}`] : []
      case "Network.requestWillBeSent":
        return request.url.startsWith(site) || request.url.startsWith("data:") ? [] : [`request to ${request.url}`]
      case "Network.responseReceived":
        return response.status < 400 ? [] : [`${response.url}: ${response.status}`]
      default:
        return []
    }
  })

export const browse = (folder: string, base: string, pictures: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const site = yield* serve(folder, base)
    const browser = yield* launch
    const tab = yield* browser.tab
    const problems: Array<string> = []
    for (const [device, width] of Object.entries(widths)) {
      for (const [name, page] of Object.entries(pages)) {
        yield* go(tab, `${site}${page}`, width)
        const overflow = yield* tab.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if (overflow !== 0) problems.push(`/${page} is ${overflow} px wider than a ${device}`)
        yield* picture(tab, pictures, `${name}-${device}`)
      }
    }
    for (const { device, finds, page, query } of searches) {
      yield* go(tab, `${site}${page}`, widths[device])
      yield* tab.evaluate(`document.querySelector(".VPNavBarSearchButton, .DocSearch-Button").click()`)
      yield* until(tab, `document.querySelector(".search-input") === document.activeElement`)
      yield* tab.send("Input.insertText", { text: query })
      yield* until(tab, `document.querySelector(".results .result")?.textContent.includes(${JSON.stringify(finds)})`)
      yield* picture(tab, pictures, `search-${query}-${device}`)
    }
    return [...problems, ...problemsOf(tab, site)]
  }).pipe(Effect.scoped)
