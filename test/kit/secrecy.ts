import { CredentialsError } from "@effect-alicloud/credentials"
import { assert } from "@effect/vitest"
import { Array as Arr, Cause, Exit, Logger, Schema } from "effect"
import { inspect } from "node:util"
import type { Case } from "./chainCase.ts"
import { marker } from "./chainCase.ts"
import type { Observed } from "./chainWorld.ts"
import { placeHome } from "./chainWorld.ts"
import { renderings as renderingsOf } from "./leaks.ts"

const encodeError = Schema.encodeSync(CredentialsError.CredentialsError)

const ofError = (error: CredentialsError.CredentialsError): ReadonlyArray<string> => [
  ...renderingsOf(error),
  JSON.stringify(encodeError(error)),
  ...CredentialsError.attemptsOf(error).flatMap(renderingsOf)
]

const loggers = [Logger.stringLogger, Logger.logfmtLogger, Logger.jsonLogger, Logger.structuredLogger]

const renderings = ({ exit, logged, report, spans }: Observed): ReadonlyArray<string> => [
  ...renderingsOf(exit),
  ...(Exit.isFailure(exit)
    ? [
      ...renderingsOf(exit.cause),
      Cause.pretty(exit.cause),
      Cause.pretty(exit.cause, { renderErrorCause: true }),
      ...Array.from(Cause.failures(exit.cause)).flatMap(ofError)
    ]
    : renderingsOf(exit.value)),
  ...renderingsOf(report),
  ...report.outcomes.flatMap((outcome) => outcome._tag === "Skipped" ? ofError(outcome.error) : []),
  ...logged.flatMap((options) => [
    ...loggers.flatMap((logger) => renderingsOf(logger.log(options))),
    ...renderingsOf(options.message),
    ...Array.from(options.annotations, (annotation) => inspect(annotation, { depth: 20 })),
    Cause.pretty(options.cause, { renderErrorCause: true })
  ]),
  ...spans.flatMap((span) => [span.name, inspect(span.attributes, { depth: 20 }), inspect(span.status, { depth: 20 })])
]

/** Secrets that the fake cloud makes itself, what its signature error quotes, and URLs that go on after the host. */
const forbidden = [
  new RegExp(marker, "i"),
  /fake-(?:secret|token|imds-token)|eyJhbGciOi/,
  /string to sign/i,
  /https?:\/\/[^\s/?#"'\\]+[/?#]/i
]

/** Text that is too long to be in a message by chance, and not the name of a field. */
const isTelling = (text: string): boolean => text.length >= 12 && !/^[a-z_]+$/.test(text)

/** The lines of the case's files, and the answers that its faults put together. */
const content = ({ files, world }: Case, home: string): ReadonlyArray<string> =>
  [
    ...[...files.values()].flatMap((text) => placeHome(text, home).split(/\r?\n/)),
    ...(world.faults ?? []).flatMap((fault) => [
      "body" in fault ? fault.body ?? "" : "",
      "message" in fault ? fault.message ?? "" : ""
    ])
  ].map((text) => text.trim()).filter(isTelling)

/** Where the text is in a rendering, with what surrounds it. */
const excerpt = (rendering: string, at: number): string => rendering.slice(Math.max(0, at - 80), at + 80)

/** No rendering of anything that came out holds a secret, a file's content, an answer's body, or a URL's path. */
export const assertNothingLeaks = (chainCase: Case, observed: Observed): void => {
  const quoted = content(chainCase, observed.home)
  const leaks = Arr.dedupe(renderings(observed)).flatMap((rendering) =>
    [
      ...forbidden.map((pattern) => rendering.search(pattern)),
      ...quoted.map((text) => rendering.indexOf(text))
    ].filter((at) => at >= 0).map((at) => excerpt(rendering, at))
  )
  assert.deepStrictEqual(leaks, [])
}
