/** One request of a login, to CloudSSO or to the OAuth service. */
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import type { SourceFailed } from "../../CredentialsError.ts"
import type * as Transport from "../../unstable/Transport.ts"
import * as Exchange from "../source/exchange.ts"

export interface Question<A> extends Pick<Exchange.Exchange<A, never>, "source" | "url" | "timeouts" | "retries"> {
  readonly request: Effect.Effect<HttpClientRequest.HttpClientRequest>
  /** For errors: "CloudSSO", "the exchange of the login". */
  readonly answerer: string
  readonly decode: (text: string) => Effect.Effect<A, ReadonlyArray<string>>
  /** The error of an answer that is not a 200. */
  readonly refused: (answer: Transport.Answer) => Effect.Effect<never, SourceFailed>
}

export const send = <A>(
  exchange: Exchange.Send,
  { answerer, decode, refused, ...question }: Question<A>
): Effect.Effect<A, SourceFailed> =>
  exchange({
    ...question,
    direct: false,
    interpret: (answer) =>
      answer.status === 200
        ? Effect.mapError(decode(answer.text), (issues) =>
          Exchange.malformed({
            source: question.source,
            status: 200,
            detail: `the answer of ${answerer} is not usable: ${issues.join("; ")}`
          }))
        : refused(answer)
  })
