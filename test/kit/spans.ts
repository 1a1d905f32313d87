import { Cause, Exit, Tracer } from "effect"

export interface Seen {
  readonly name: string
  readonly kind: string
  readonly attributes: Record<string, unknown>
  readonly rest: Array<unknown>
}

/** A tracer that keeps all it is told. */
export const collector = () => {
  const spans: Array<Seen> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind, options) => {
      const seen: Seen = { name, kind, attributes: { ...options?.attributes }, rest: [] }
      spans.push(seen)
      return {
        _tag: "Span",
        name,
        spanId: String(spans.length).padStart(16, "0"),
        traceId: "0123456789abcdef0123456789abcdef",
        parent,
        context,
        links,
        kind,
        sampled: true,
        attributes: new Map(),
        status: { _tag: "Started", startTime },
        attribute: (key, value) => {
          seen.attributes[key] = value
        },
        event: (name, _, attributes) => seen.rest.push(name, attributes),
        addLinks: (added) => seen.rest.push(...added.map((link) => link.attributes)),
        end: (_, exit) => {
          if (Exit.isFailure(exit)) seen.rest.push(Cause.pretty(exit.cause, { renderErrorCause: true }), exit.cause)
        }
      }
    },
    context: (execution) => execution()
  })
  return { spans, tracer }
}
