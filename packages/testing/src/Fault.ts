/**
 * What can go wrong in the fake cloud: the `faults` of a world, and those that a test sets with `setFaults` and `addFault`.
 *
 * `ErrorStatus`, `ErrorCode`, `Throttle`, `Malformed`, `NotFoundPage`, `Redirect`, `Hang`, `Refuse` and `Disconnect` take the
 * place of the service; the others act around it. Several faults may affect one request.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const BuiltIn = Schema.Literal(
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
)

/**
 * What a request is for. `sts`, `imds`, `oauth`, `cloudsso` and `oidc` include all endpoints that start with them; `unknown`
 * is every address that the fake does not have. An action of the world's own has its name, `Vpc.DescribeVpcs`, and all
 * actions of a product have the product's, `Vpc`.
 *
 * @since 0.1.0
 * @category models
 */
export const Endpoint = Schema.Union(
  BuiltIn,
  Schema.declare((given: unknown): given is Capitalize<string> =>
    typeof given === "string" && /^[A-Z][\w-]*(\.\w+)?$/.test(given)
  )
).annotations({ identifier: "Endpoint" })

/**
 * What a request is for.
 *
 * @since 0.1.0
 * @category models
 */
export type Endpoint = typeof Endpoint.Type

/**
 * Which requests a fault affects.
 *
 * @since 0.1.0
 * @category models
 */
export interface Where {
  /** `sts`, `imds`, `oauth`, `cloudsso`, `oidc` and products include all of theirs. */
  readonly endpoint: Endpoint
  /** How many matching requests are affected, default all. */
  readonly times?: number | undefined
  /** How many matching requests pass first, default none. */
  readonly after?: number | undefined
}

/**
 * The answer comes later.
 *
 * @since 0.1.0
 * @category models
 */
export interface Latency extends Where {
  readonly kind: "latency"
  /** Milliseconds, of the clock of the test. */
  readonly millis: number
}

/**
 * The cloud's clock is wrong for these requests, in addition to `clockSkewSeconds` of the world: signed times, tokens and
 * the `Date` header.
 *
 * @since 0.1.0
 * @category models
 */
export interface Skew extends Where {
  readonly kind: "skew"
  /** How far the cloud's clock is ahead; a negative number is behind. */
  readonly seconds: number
}

/**
 * The session or access token in the answer ends after this time.
 *
 * @since 0.1.0
 * @category models
 */
export interface Lifetime extends Where {
  readonly kind: "expiresInSeconds"
  readonly seconds: number
}

/**
 * A plain answer with a status, from a proxy or a gateway perhaps.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorStatus extends Where {
  readonly kind: "status"
  /** 200 to 599. */
  readonly status: number
  /** Default empty. */
  readonly body?: string | undefined
  /** Default `text/plain`. */
  readonly contentType?: string | undefined
}

/**
 * An error in the format of the service.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorCode extends Where {
  readonly kind: "error"
  /** The HTTP status, 200 to 599. */
  readonly status: number
  /** For example `NoPermission`. */
  readonly code: string
  /** Default `The fake was told to fail.` */
  readonly message?: string | undefined
}

/**
 * Too many requests: an error in the format of the service, or a page where no API answers.
 *
 * @since 0.1.0
 * @category models
 */
export interface Throttle extends Where {
  readonly kind: "throttle"
  /** Default 400, 503 at OSS, 429 at OAuth, at CloudSSO and where no API answers. */
  readonly status?: number | undefined
  /** Default `Throttling.User`. */
  readonly code?: string | undefined
  /** The header `x-acs-retry-after` in milliseconds; default none. */
  readonly retryAfterMillis?: number | undefined
}

/**
 * Status 200 with a body that is not JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface Malformed extends Where {
  readonly kind: "malformed"
  /** Default JSON that breaks off within a secret. */
  readonly body?: string | undefined
}

/**
 * Status 302.
 *
 * @since 0.1.0
 * @category models
 */
export interface Redirect extends Where {
  readonly kind: "redirect"
  /** The header `location`. */
  readonly location: string
}

/**
 * The answer is longer and still right: JSON has one more field, everything else spaces at its end.
 *
 * @since 0.1.0
 * @category models
 */
export interface Huge extends Where {
  readonly kind: "huge"
  /** How much longer. */
  readonly bytes: number
}

/**
 * A field is missing, at every depth of the answer's JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface DropField extends Where {
  readonly kind: "dropField"
  /** Its name. */
  readonly field: string
}

/**
 * A field has another value, at every depth of the answer's JSON, or at the top where the answer does not have it.
 *
 * @since 0.1.0
 * @category models
 */
export interface SetField extends Where {
  readonly kind: "setField"
  /** Its name. */
  readonly field: string
  readonly value: unknown
}

/**
 * The session or access token in the answer ended a minute ago.
 *
 * @since 0.1.0
 * @category models
 */
export interface Expired extends Where {
  readonly kind: "expired"
}

/**
 * There is no answer, and the connection stays open.
 *
 * @since 0.1.0
 * @category models
 */
export interface Hang extends Where {
  readonly kind: "hang"
}

/**
 * There is no connection.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refuse extends Where {
  readonly kind: "refuse"
}

/**
 * The connection closes without an answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Disconnect extends Where {
  readonly kind: "disconnect"
}

/**
 * A page of HTML with status 404.
 *
 * @since 0.1.0
 * @category models
 */
export interface NotFoundPage extends Where {
  readonly kind: "html404"
}

/**
 * The connection closes in the middle of the body.
 *
 * @since 0.1.0
 * @category models
 */
export interface Truncate extends Where {
  readonly kind: "truncate"
}

/**
 * Nothing more comes from the middle of the body on, and the connection stays open.
 *
 * @since 0.1.0
 * @category models
 */
export interface Stall extends Where {
  readonly kind: "stall"
}

/**
 * Something that goes wrong at an endpoint: for `times` matching requests, after the first `after`.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault =
  | Latency
  | Skew
  | Lifetime
  | ErrorStatus
  | ErrorCode
  | Throttle
  | Malformed
  | Redirect
  | Huge
  | DropField
  | SetField
  | Expired
  | Hang
  | Refuse
  | Disconnect
  | NotFoundPage
  | Truncate
  | Stall

const where = {
  endpoint: Endpoint,
  times: Schema.optional(Schema.NonNegativeInt),
  after: Schema.optional(Schema.NonNegativeInt)
}

const Status = Schema.Int.pipe(Schema.between(200, 599))

/**
 * The schema of a fault.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Fault: Schema.Schema<Fault> = Schema.Union(
  Schema.Struct({ ...where, kind: Schema.Literal("latency"), millis: Schema.NonNegativeInt }),
  Schema.Struct({ ...where, kind: Schema.Literal("skew"), seconds: Schema.Number }),
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
  Schema.Struct({ ...where, kind: Schema.Literal("malformed"), body: Schema.optional(Schema.String) }),
  Schema.Struct({ ...where, kind: Schema.Literal("redirect"), location: Schema.String }),
  Schema.Struct({ ...where, kind: Schema.Literal("huge"), bytes: Schema.NonNegativeInt }),
  Schema.Struct({ ...where, kind: Schema.Literal("dropField"), field: Schema.String }),
  Schema.Struct({ ...where, kind: Schema.Literal("setField"), field: Schema.String, value: Schema.Unknown }),
  Schema.Struct({ ...where, kind: Schema.Literal("expired") }),
  Schema.Struct({ ...where, kind: Schema.Literal("hang") }),
  Schema.Struct({ ...where, kind: Schema.Literal("refuse") }),
  Schema.Struct({ ...where, kind: Schema.Literal("disconnect") }),
  Schema.Struct({ ...where, kind: Schema.Literal("html404") }),
  Schema.Struct({ ...where, kind: Schema.Literal("truncate") }),
  Schema.Struct({ ...where, kind: Schema.Literal("stall") })
).annotations({ identifier: "Fault" })
