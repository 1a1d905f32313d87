/**
 * The instance metadata service of an ECS instance: plain HTTP on a link-local address, version 2 with a session token,
 * version 1 without. For `EcsRamRole` and the command line tool; it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type { SourceFailed } from "../CredentialsError.ts"
import * as clock from "../internal/source/clock.ts"
import * as Exchange from "../internal/source/exchange.ts"
import * as stsError from "../internal/source/stsError.ts"
import { percentEncode } from "../Signature.ts"
import * as SessionDocument from "./SessionDocument.ts"
import type * as Transport from "./Transport.ts"

/**
 * The address of the service, which every instance has.
 *
 * @since 0.1.0
 * @category unstable
 */
export const address = "http://100.100.100.200"

const credentialsPath = "/latest/meta-data/ram/security-credentials/"

/**
 * The time-outs of the service's requests, connect and read: 1 second each.
 *
 * @since 0.1.0
 * @category unstable
 */
export const defaultTimeouts: Transport.Timeouts = {
  timeout: Duration.seconds(1),
  connectTimeout: Duration.seconds(1)
}

/**
 * The service answers, and has no role for the instance.
 *
 * @since 0.1.0
 * @category unstable
 */
export class NoRole extends Data.TaggedError("NoRole")<{ readonly status: number }> {}

/**
 * Requests the session of a role; without a name, of the role that the service lists first. One session token is
 * fetched per call. When no token can be fetched, or a read with a token fails, it is tried once without a token unless
 * `disableIMDSv1`. Where that is not allowed, here or on the instance, a step that failed with something that may pass
 * is repeated once with a token. When the service cannot be connected to, nothing else is tried.
 *
 * @since 0.1.0
 * @category unstable
 */
export const make = (source: string): Effect.Effect<
  (request: {
    readonly roleName: string | undefined
    readonly disableIMDSv1: boolean
    readonly timeouts: Transport.Timeouts
  }) => Effect.Effect<SessionDocument.StsSession, SourceFailed | NoRole>,
  never,
  HttpClient.HttpClient
> =>
  Effect.map(Exchange.make, (send) => {
    const readClock = clock.reader("the instance metadata service")
    return ({ disableIMDSv1, roleName, timeouts }) => {
      const exchange = <A>(
        wanted: string,
        request: HttpClientRequest.HttpClientRequest,
        interpret: (answer: Transport.Answer) => Effect.Effect<A, SourceFailed>
      ): Effect.Effect<A, SourceFailed> =>
        send({
          source,
          url: address,
          request: Effect.succeed(request),
          timeouts,
          direct: true,
          retries: 0,
          interpret: (answer) =>
            answer.status === 200
              ? interpret(answer)
              : stsError.interpret(source, `the instance metadata service refused ${wanted}`, answer)
        })

      const token = exchange(
        "the token",
        HttpClientRequest.put(`${address}/latest/api/token`).pipe(
          HttpClientRequest.setHeader("x-aliyun-ecs-metadata-token-ttl-seconds", "21600")
        ),
        (answer) => {
          const text = answer.text.trim()
          return /^[\x21-\x7e]+$/.test(text)
            ? Effect.succeed(Redacted.make(text))
            : Exchange.malformed({ source, status: 200, detail: "the metadata token is not usable" })
        }
      )

      const read = <A>(
        wanted: string,
        path: string,
        token: Either.Either<Redacted.Redacted, SourceFailed>,
        interpret: (answer: Transport.Answer) => Effect.Effect<A, SourceFailed>
      ): Effect.Effect<A, SourceFailed> => {
        const request = HttpClientRequest.get(`${address}${credentialsPath}${path}`)
        const plain = exchange(wanted, request, interpret)
        if (Either.isLeft(token)) {
          return Effect.mapError(plain, (error) => isBarred(error) ? token.left : error)
        }
        const guarded = exchange(
          wanted,
          HttpClientRequest.setHeader(request, "x-aliyun-ecs-metadata-token", Redacted.value(token.right)),
          interpret
        )
        return Effect.catchAll(guarded, (first) => {
          const repeated = isBrief(first) ? Effect.mapError(guarded, () => first) : Effect.fail(first)
          return disableIMDSv1
            ? repeated
            : Effect.catchAll(plain, (second) => isBarred(second) ? repeated : Effect.fail(second))
        })
      }

      const session = (held: Either.Either<Redacted.Redacted, SourceFailed>) =>
        Effect.gen(function*() {
          const role = roleName ?? (yield* Effect.mapError(
            read("the list of roles", "", held, (answer) => roleIn(source, answer)),
            (error) =>
              error.status === 404 && (Either.isRight(held) || held.left !== error)
                ? new NoRole({ status: error.status })
                : error
          ))
          const { answer, session } = yield* read(
            "the role's session",
            percentEncode(role),
            held,
            (answer) =>
              Effect.map(SessionDocument.read(source, "the role's session", answer), (session) => ({ answer, session }))
          )
          yield* clock.check(source, yield* readClock(answer), session.expiration)
          return session
        })

      return Effect.gen(function*() {
        const held = yield* Effect.either(token)
        if (Either.isRight(held)) return yield* session(held)
        const first = held.left
        const again = Effect.flatMap(
          isBrief(first) ? Effect.mapError(token, () => first) : Effect.fail(first),
          (token) => session(Either.right(token))
        )
        return yield* disableIMDSv1 || Exchange.neverConnected(first)
          ? again
          : Effect.catchIf(session(held), (error) => error === first, () => again)
      })
    }
  })

/** Busy, starting, or half an answer: what an instance answers for a moment. Silence would use up the deadline. */
const isBrief = (error: SourceFailed): boolean =>
  error.retryable && error.reason !== "Timeout" && !Exchange.neverConnected(error)

/** A service that wants a token says no more than that about a read without one. */
const isBarred = (error: SourceFailed): boolean => error.status === 401 || error.status === 403

const roleIn = (source: string, answer: Transport.Answer): Effect.Effect<string, SourceFailed> => {
  const name = answer.text.trim().split(/\s/)[0] ?? ""
  if (name === "") {
    return stsError.failure({ source, detail: "the instance has no RAM role", status: 404 })
  }
  return /^[\w.-]+$/.test(name)
    ? Effect.succeed(name)
    : Exchange.malformed({ source, status: 200, detail: "the metadata service's list of roles is not usable" })
}
