/**
 * What can go wrong in the fake cloud: the schema of the `faults` of a world.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * What a request is for. `sts`, `imds`, `oauth`, `cloudsso` and `oidc` include all endpoints that start with them; `unknown` is
 * every address that the fake does not have.
 *
 * @since 0.1.0
 * @category models
 */
export const Endpoint = Schema.Literal(
  "sts",
  "sts.AssumeRole",
  "sts.AssumeRoleWithOIDC",
  "sts.AssumeRoleWithSAML",
  "sts.GenerateSessionAccessKey",
  "sts.GetCallerIdentity",
  "imds",
  "imds.token",
  "imds.list",
  "imds.credentials",
  "oauth",
  "oauth.authorize",
  "oauth.token",
  "oauth.exchange",
  "cloudsso",
  "cloudsso.device",
  "cloudsso.confirm",
  "cloudsso.token",
  "cloudsso.accounts",
  "cloudsso.configurations",
  "cloudsso.credentials",
  "oidc",
  "oidc.github-actions",
  "oidc.buildkite",
  "oidc.google",
  "oidc.azure",
  "oidc.fly",
  "uri",
  "ecs",
  "oss",
  "cs",
  "unknown"
).annotations({ identifier: "Endpoint" })

/**
 * What a request is for.
 *
 * @since 0.1.0
 * @category models
 */
export type Endpoint = typeof Endpoint.Type

const where = {
  /** `sts`, `imds`, `oauth`, `cloudsso` and `oidc` stand for all of theirs. */
  endpoint: Endpoint,
  /** How many matching requests are affected, default all. */
  times: Schema.optional(Schema.NonNegativeInt),
  /** How many matching requests pass first, default none. */
  after: Schema.optional(Schema.NonNegativeInt)
}

const Status = Schema.Int.pipe(Schema.between(200, 599))

/**
 * Something that goes wrong at an endpoint: for `times` matching requests (default all), after the first `after`
 * (default none). Several faults may affect one request.
 *
 * Instead of the service:
 * - `status` (`status`, `body`, `contentType`), `error` (`status`, `code`, `message`), `throttle` (`status`, `code`,
 *   `retryAfterMillis`; default 400 `Throttling.User`, 429 at OAuth and CloudSSO, a page with 429 where no API
 *   answers), `html404`, `redirect` (`location`)
 * - `malformed` (`body`): status 200 and something that is not JSON
 * - `hang`: no answer, `refuse`: no connection, `disconnect`: closed without an answer
 *
 * Around the service:
 * - `latency` (`millis`): answers later
 * - `skew` (`seconds`): the cloud's clock is ahead by so much more
 * - `expired`, `expiresInSeconds` (`seconds`): the lifetime of the session or access token in the answer
 * - `dropField` (`field`), `setField` (`field`, `value`): at any depth of the answer
 * - `huge` (`bytes`): the answer is that much longer, and still right
 * - `truncate`: the connection closes in the middle of the body, `stall`: silence from the middle of the body on
 *
 * @since 0.1.0
 * @category models
 */
export const Fault = Schema.Union(
  Schema.Struct({ ...where, kind: Schema.Literal("latency"), millis: Schema.NonNegativeInt }),
  Schema.Struct({ ...where, kind: Schema.Literal("skew"), seconds: Schema.Number }),
  Schema.Struct({ ...where, kind: Schema.Literal("expired") }),
  Schema.Struct({ ...where, kind: Schema.Literal("expiresInSeconds"), seconds: Schema.Number }),
  Schema.Struct({
    ...where,
    kind: Schema.Literal("status"),
    status: Status,
    body: Schema.optional(Schema.String),
    contentType: Schema.optional(Schema.String)
  }),
  Schema.Struct({
    ...where,
    kind: Schema.Literal("error"),
    status: Status,
    code: Schema.String,
    message: Schema.optional(Schema.String)
  }),
  Schema.Struct({
    ...where,
    kind: Schema.Literal("throttle"),
    status: Schema.optional(Status),
    code: Schema.optional(Schema.String),
    retryAfterMillis: Schema.optional(Schema.NonNegativeInt)
  }),
  Schema.Struct({ ...where, kind: Schema.Literal("hang") }),
  Schema.Struct({ ...where, kind: Schema.Literal("refuse") }),
  Schema.Struct({ ...where, kind: Schema.Literal("disconnect") }),
  Schema.Struct({ ...where, kind: Schema.Literal("malformed"), body: Schema.optional(Schema.String) }),
  Schema.Struct({ ...where, kind: Schema.Literal("html404") }),
  Schema.Struct({ ...where, kind: Schema.Literal("redirect"), location: Schema.String }),
  Schema.Struct({ ...where, kind: Schema.Literal("truncate") }),
  Schema.Struct({ ...where, kind: Schema.Literal("stall") }),
  Schema.Struct({ ...where, kind: Schema.Literal("huge"), bytes: Schema.NonNegativeInt }),
  Schema.Struct({ ...where, kind: Schema.Literal("dropField"), field: Schema.String }),
  Schema.Struct({ ...where, kind: Schema.Literal("setField"), field: Schema.String, value: Schema.Unknown })
).annotations({ identifier: "Fault" })

/**
 * Something that goes wrong at an endpoint.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault = typeof Fault.Type
