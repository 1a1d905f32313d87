import type { Scope } from "effect"
import { Effect } from "effect"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"

export interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string; readonly doubleValue?: number }
}

interface Resource {
  readonly attributes: ReadonlyArray<Attribute>
}

export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly attributes: ReadonlyArray<Attribute>
  readonly status: { readonly code: number }
}

interface Traces {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: Resource
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

interface DataPoint {
  readonly attributes: ReadonlyArray<Attribute>
  readonly asDouble?: number
  readonly count?: number
}

export interface Metric {
  readonly name: string
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: ReadonlyArray<DataPoint> }
  readonly gauge?: { readonly dataPoints: ReadonlyArray<DataPoint> }
  readonly histogram?: { readonly dataPoints: ReadonlyArray<DataPoint> }
}

interface Metrics {
  readonly resourceMetrics: ReadonlyArray<{
    readonly resource: Resource
    readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<Metric> }>
  }>
}

export interface Collector {
  readonly url: string
  readonly spans: () => ReadonlyArray<Span>
  /** As they were last exported. */
  readonly metrics: () => ReadonlyArray<Metric>
  readonly resources: () => ReadonlyArray<Resource>
  /** Method, path and content type of each request, and its body. */
  readonly requests: ReadonlyArray<{ readonly line: string; readonly body: string }>
}

/** What listens for OTLP over HTTP in the JSON encoding, on loopback, until the scope closes. */
export const collector: Effect.Effect<Collector, never, Scope.Scope> = Effect.acquireRelease(
  Effect.async<{ readonly collector: Collector; readonly server: Http.Server }>((resume) => {
    const requests: Array<{ readonly line: string; readonly body: string }> = []
    const sent = (path: string): ReadonlyArray<string> =>
      requests.filter(({ line }) => line === `POST ${path} application/json`).map(({ body }) => body)
    const traces = () => sent("/v1/traces").flatMap((body) => (JSON.parse(body) as Traces).resourceSpans)
    const metrics = () => sent("/v1/metrics").slice(-1).flatMap((body) => (JSON.parse(body) as Metrics).resourceMetrics)
    const server = Http.createServer((request, response) => {
      let body = ""
      request.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk
      }).on("end", () => {
        requests.push({ line: `${request.method} ${request.url} ${request.headers["content-type"]}`, body })
        response.writeHead(200, { "content-type": "application/json" }).end("{}")
      })
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({
        server,
        collector: {
          url: `http://127.0.0.1:${port}`,
          spans: () => traces().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
          metrics: () => metrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
          resources: () => [...traces(), ...metrics()].map(({ resource }) => resource),
          requests
        }
      }))
    })
  }),
  ({ server }) =>
    Effect.async<void>((resume) => {
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    })
).pipe(Effect.map(({ collector }) => collector))
