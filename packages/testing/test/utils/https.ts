import type { Request } from "@effect-alicloud/testing/FakeAlicloud"
import { Effect } from "effect"
import * as Https from "node:https"
import * as Net from "node:net"

/** Asks a port of loopback under the name in the URL, over TLS; `<status> <body>`, or the code of what went wrong. */
export const overTls = (port: number, ca: string | undefined, request: Request): Effect.Effect<string> =>
  Effect.async((resume) => {
    const { host, hostname, pathname, search } = new URL(request.url)
    const options: Https.RequestOptions = {
      host: "127.0.0.1",
      port,
      path: `${pathname}${search}`,
      method: request.method,
      headers: { ...request.headers, host },
      rejectUnauthorized: true,
      agent: false,
      ...(Net.isIP(hostname) === 0 ? { servername: hostname } : {}),
      ...(ca === undefined ? {} : { ca })
    }
    const client = Https.request(options, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () => resume(Effect.succeed(`${response.statusCode} ${Buffer.concat(chunks).toString()}`)))
    })
    client.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code ?? error.message)))
    client.end(request.body)
  })
