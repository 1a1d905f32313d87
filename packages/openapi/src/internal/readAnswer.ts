/** Turns a response into a value or a typed error, for `caller.ts`. */
import * as SecretJson from "@effect-alicloud/credentials/SecretJson"
import type { Answer } from "@effect-alicloud/credentials/unstable/Transport"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { ApiError, MalformedResponse, Throttled } from "../OpenApiError.ts"
import * as serverWords from "./serverWords.ts"
import type { Exchange } from "./transport.ts"

/** A response, parsed as far as possible. */
interface Document {
  /** `None` when it is not JSON; `undefined` for an empty body. */
  readonly value: Option.Option<unknown>
  readonly field: (...names: ReadonlyArray<string>) => unknown
}

const read = (body: string): Effect.Effect<Document> => {
  if (body.trim() === "") return Effect.succeed({ value: Option.some(undefined), field: () => undefined })
  return Effect.map(Effect.option(SecretJson.parse(body)), (value) => {
    const object = Option.getOrUndefined(value)
    const find = (name: string): unknown =>
      Option.isNone(value)
        ? new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1]
        : typeof object === "object" && object !== null
        ? (object as Readonly<Record<string, unknown>>)[name]
        : undefined
    return { value, field: (...names) => names.map(find).find((found) => found !== undefined) }
  })
}

const wholeNumber = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,9}$/.test(value.trim()) ? Number(value) : undefined

/** Official clients read `x-acs-retry-after` as milliseconds; `retry-after` of HTTP is in seconds. */
const retryAfterOf = ({ headers }: Answer): Duration.Duration | undefined => {
  const millis = wholeNumber(headers["x-acs-retry-after"])
  const seconds = wholeNumber(headers["retry-after"])
  return millis !== undefined ? Duration.millis(millis) : seconds !== undefined ? Duration.seconds(seconds) : undefined
}

const throttling = /Throttling|FlowControl/i

/** The result of a response, and its request id. */
export interface Reading<A> {
  readonly requestId: string | undefined
  readonly result: Either.Either<A, ApiError | Throttled | MalformedResponse>
}

/** Reads a response. The code of its body, JSON or XML, classifies it, or its status when there is no code. */
export const interpret = <A>(
  exchange: Exchange,
  answer: Answer,
  options: {
    readonly decode: (value: unknown) => Effect.Effect<A, ReadonlyArray<string>>
    readonly secrets: ReadonlyArray<string>
  }
): Effect.Effect<Reading<A>> =>
  Effect.gen(function*() {
    const { action } = exchange
    const { secrets } = options
    const { status } = answer
    const document = yield* read(answer.text)
    const requestId =
      serverWords.requestId(document.field("RequestId", "requestId", "requestid", "request_id"), secrets) ??
        serverWords.requestId(answer.headers["x-acs-request-id"], secrets)
    const code = serverWords.code(document.field("Code", "code"), secrets)

    const refused = (): ApiError | Throttled => {
      const facts = {
        action,
        code,
        requestId,
        status,
        serverMessage: code !== undefined && /Signature/i.test(code)
          ? undefined
          : serverWords.sentence(document.field("Message", "message"), secrets),
        recommend: serverWords.recommend(document.field("Recommend", "recommend"), secrets)
      }
      return status === 429 || throttling.test(code ?? "")
        ? new Throttled({ ...facts, retryAfter: retryAfterOf(answer) })
        : new ApiError(facts)
    }

    if (status < 200 || status > 299) return { requestId, result: Either.left(refused()) }
    const result = yield* Effect.either(
      Option.match(document.value, {
        onNone: () => Effect.fail<ReadonlyArray<string>>(["the document is not JSON"]),
        onSome: options.decode
      })
    )
    return {
      requestId,
      result: Either.mapLeft(result, (issues) =>
        code === undefined || /^(?:Success|OK)$/i.test(code)
          ? new MalformedResponse({ ...exchange, status, requestId, issues })
          : refused())
    }
  })
