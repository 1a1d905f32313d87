/** Requests and responses of the fake cloud, independent of the network below. */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import type { Reply, Request } from "../FakeAlicloud.ts"

/** The parts of an absolute URL, byte for byte. */
export interface Target {
  readonly host: string
  readonly hostname: string
  readonly path: string
  readonly query: string
  readonly pathAndQuery: string
}

export const targetOf = (url: string): Target => {
  const [, host = "", rest = ""] = /^[a-z]+:\/\/([^/?#]*)([^#]*)/i.exec(url) ?? []
  const pathAndQuery = rest.startsWith("/") ? rest : `/${rest}`
  const mark = pathAndQuery.indexOf("?")
  return {
    host: host.toLowerCase(),
    hostname: host.toLowerCase().replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1"),
    path: mark < 0 ? pathAndQuery : pathAndQuery.slice(0, mark),
    query: mark < 0 ? "" : pathAndQuery.slice(mark + 1),
    pathAndQuery
  }
}

/** Whether a declared host, with or without port, is meant. */
export const isHost = (declared: string, { host, hostname }: Target): boolean =>
  declared.toLowerCase() === host || declared.toLowerCase() === hostname

export const parseJson: (text: string) => Option.Option<unknown> = Option.liftThrowable((text): unknown =>
  JSON.parse(text)
)

/** The token of `Authorization: Bearer`. */
export const bearerOf = (request: Request): string | undefined =>
  /^bearer +(\S+)$/i.exec(request.headers["authorization"] ?? "")?.[1]

const isForm = (request: Request): boolean =>
  (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")

export const queryOf = (target: Target): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(target.query))

/** The parameters of a form; a body that does not say that it is one has none. */
export const formOf = (request: Request): Readonly<Record<string, string>> =>
  isForm(request) ? Object.fromEntries(new URLSearchParams(request.body)) : {}

/** All parameters of query and form. */
export const parametersOf = (request: Request, target: Target): Readonly<Record<string, string>> => ({
  ...queryOf(target),
  ...formOf(request)
})

export const reply = (status: number, body: string, contentType: string): Reply => ({
  _tag: "Reply",
  status,
  headers: { "content-type": contentType },
  body
})

export const json = (status: number, document: unknown): Reply =>
  reply(status, JSON.stringify(document), "application/json; charset=utf-8")

export const text = (status: number, body: string): Reply => reply(status, body, "text/plain")

/** The page with which the metadata service says no. */
export const page = (status: number, title: string): Reply =>
  reply(
    status,
    `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title>${status} - ${title}</title>
 </head>
 <body>
  <h1>${status} - ${title}</h1>
 </body>
</html>
`,
    "text/html"
  )

export const notFound: Reply = page(404, "Not Found")

const escape = (value: string): string => value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")

const element = (name: string, value: unknown): string => {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join("")
  const content = typeof value === "object" && value !== null
    ? Object.entries(value).map(([key, item]) => element(key, item)).join("")
    : escape(String(value))
  return `<${name}>${content}</${name}>`
}

/** The XML response of RPC APIs without `Format=JSON`. */
export const xml = (status: number, root: string, document: object): Reply =>
  reply(status, `<?xml version="1.0" encoding="UTF-8"?>${element(root, document)}`, "text/xml; charset=utf-8")

/** Epoch milliseconds as the HTTP `date` header. */
export const httpDate = (millis: number): string => DateTime.toDate(DateTime.unsafeMake(millis)).toUTCString()
