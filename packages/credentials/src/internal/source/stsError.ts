/** Reads what a service answers when it refuses, for `Sts` and `CredentialsUri`. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { SourceFailed } from "../../CredentialsError.ts"
import * as Text from "../../unstable/Text.ts"
import type { Answer } from "../../unstable/Transport.ts"
import * as secretJson from "../secrecy/secretJson.ts"
import { malformed } from "./exchange.ts"
import * as hints from "./hints.ts"

const ErrorAnswer = Schema.Struct({ Code: Schema.Unknown, RequestId: Schema.optional(Schema.Unknown) })

const decode = secretJson.decodeText(ErrorAnswer)

const tag = (text: string, name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]

export interface Refusal {
  readonly code: string | undefined
  readonly requestId: string | undefined
}

/** The code and the request id that a body names, JSON or XML, where they look like some. */
export const refusalIn = (text: string): Effect.Effect<Refusal> =>
  decode(text).pipe(
    Effect.orElseSucceed(() => ({ Code: tag(text, "Code"), RequestId: tag(text, "RequestId") })),
    Effect.map((body) => ({ code: Text.code(body.Code), requestId: Text.requestId(body.RequestId) }))
  )

/**
 * The failure behind an answer that is not a success. It is classified by the code of the body, JSON or XML, and by the
 * status only when there is no code. The server's message stays out: it may quote the string that was signed.
 */
export const interpret = (source: string, detail: string, answer: Answer): Effect.Effect<never, SourceFailed> =>
  Effect.flatMap(
    refusalIn(answer.text),
    (refusal) => failure({ source, detail, status: answer.status, ...refusal })
  )

/** The failure behind an answer of status 200 that holds no session: a refusal when it has a code. */
export const notUsable = (
  source: string,
  action: string,
  answer: Answer,
  issues: ReadonlyArray<string>
): Effect.Effect<never, SourceFailed> =>
  Effect.flatMap(refusalIn(answer.text), ({ code, requestId }) =>
    code === undefined || code === "Success"
      ? malformed({
        source,
        status: answer.status,
        requestId,
        detail: `the answer of ${action} is not usable: ${issues.join("; ")}`
      })
      : failure({ source, detail: `${action} was refused`, status: answer.status, code, requestId }))

/** A refusal, classified. */
export const failure = (refusal: {
  readonly source: string
  readonly detail: string
  readonly status: number
  readonly code?: string | undefined
  readonly requestId?: string | undefined
}): SourceFailed => {
  const { code, status } = refusal
  if ((code !== undefined && hints.isThrottled(code)) || status === 429) {
    return new SourceFailed({
      ...refusal,
      reason: "Throttled",
      hint: hints.forCode(code ?? "Throttling"),
      retryable: true
    })
  }
  const retryable = status >= 500 || status === 408 || (code !== undefined && hints.isUnavailable(code))
  if (code === undefined || (retryable && !hints.isDenied(code))) {
    return new SourceFailed({ ...refusal, reason: "BadStatus", hint: code && hints.forCode(code), retryable })
  }
  return new SourceFailed({ ...refusal, reason: "Denied", hint: hints.forCode(code), retryable: false })
}
