/** A Simple Log Service that verifies the `LOG` signature of requests and lists one logstore. */
import { Array as Arr, Effect, Order } from "effect"
import type { Scope } from "effect"
import { createHmac } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

export interface Received {
  readonly accessKeyId: string
  readonly token: string | undefined
  readonly isSigned: boolean
}

const header = (request: IncomingMessage, name: string): string => String(request.headers[name] ?? "")

const signedText = (request: IncomingMessage): string => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost")
  const special = Arr.sort(Object.keys(request.headers).filter((name) => /^x-(?:log|acs)-/.test(name)), Order.string)
  const query = Arr.sort(Array.from(searchParams, ([name, value]) => `${name}=${value}`), Order.string).join("&")
  return [
    request.method,
    header(request, "content-md5"),
    header(request, "content-type"),
    header(request, "date"),
    ...special.map((name) => `${name}:${header(request, name).trim()}`),
    query === "" ? pathname : `${pathname}?${query}`
  ].join("\n")
}

/** Where it is, and the requests that came. `secrets` are the secrets of AccessKey IDs. */
export const serve = (
  secrets: Readonly<Record<string, string>>
): Effect.Effect<{ readonly url: string; readonly received: ReadonlyArray<Received> }, never, Scope.Scope> =>
  Effect.gen(function*() {
    const received: Array<Received> = []
    const server = createServer((request, response) => {
      const [, accessKeyId = "", signature] = /^LOG (.*):(.*)$/.exec(header(request, "authorization")) ?? []
      const expected = createHmac("sha1", secrets[accessKeyId] ?? "").update(signedText(request)).digest("base64")
      const { "x-acs-security-token": token } = request.headers
      received.push({ accessKeyId, token: token?.toString(), isSigned: signature === expected })
      response.setHeader("content-type", "application/json")
      response.end(JSON.stringify({ count: 1, total: 1, logstores: ["app"] }))
    })
    yield* Effect.acquireRelease(
      Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
      () => Effect.sync(() => server.close().closeAllConnections())
    )
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
  })
