/** A tracer that keeps spans with their times, for the picture of a trace and for the page about telemetry. */
import { Exit, Option, Tracer } from "effect"

export interface Recorded {
  readonly name: string
  readonly id: string
  /** The span that it is part of. */
  readonly parent: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  /** Epoch milliseconds. */
  readonly start: number
  readonly end: number
  readonly failed: boolean
}

const millis = (nanos: bigint): number => Number(nanos / 1_000_000n)

export interface Recorder {
  /** In the order in which they ended. */
  readonly ended: ReadonlyArray<Recorded>
  /** How many have begun and not ended. */
  readonly open: () => number
  readonly tracer: Tracer.Tracer
}

export const recorder = (): Recorder => {
  const ended: Array<Recorded> = []
  let count = 0
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind, options) => {
      const spanId = String(++count).padStart(16, "0")
      const attributes = new Map(Object.entries(options?.attributes ?? {}))
      return {
        _tag: "Span",
        name,
        spanId,
        traceId: Option.match(parent, { onNone: () => spanId.padStart(32, "0"), onSome: ({ traceId }) => traceId }),
        parent,
        context,
        links,
        kind,
        sampled: true,
        attributes,
        status: { _tag: "Started", startTime },
        attribute: (key, value) => {
          attributes.set(key, value)
        },
        event: () => {},
        addLinks: () => {},
        end: (endTime, exit) => {
          ended.push({
            name,
            id: spanId,
            parent: Option.getOrUndefined(Option.map(parent, (span) => span.spanId)),
            attributes: Object.fromEntries(attributes),
            start: millis(startTime),
            end: millis(endTime),
            failed: Exit.isFailure(exit)
          })
        }
      }
    },
    context: (execution) => execution()
  })
  return { ended, open: () => count - ended.length, tracer }
}
