/**
 * Why Redis cannot be used, in words of our own: errors of ioredis carry the arguments of the command, which for `AUTH`
 * are the password, and replies of a server may quote them. Used by all of this folder.
 */
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Data from "effect/Data"

/**
 * - `Config`: it cannot work before the configuration of this program, or its rights on the server, are changed
 * - `Reply`: the server cannot do it now
 * - `Connection`: there is no reply
 */
export class RedisFailed extends Data.TaggedError("RedisFailed")<{
  readonly reason: "Config" | "Reply" | "Connection"
  readonly detail: string
}> {}

export const failed = (detail: string): RedisFailed => new RedisFailed({ reason: "Connection", detail })

const misconfigured = (detail: string): RedisFailed => new RedisFailed({ reason: "Config", detail })

const replied = (detail: string): RedisFailed => new RedisFailed({ reason: "Reply", detail })

export const unanswered = failed("Redis does not answer")

/** The key holds something else than text: of another program, then. */
export const wrongType = replied("the key holds a value of another type")

const replies: Readonly<Record<string, RedisFailed>> = {
  NOAUTH: misconfigured("Redis requires a password"),
  WRONGPASS: misconfigured("Redis rejects the user name or password"),
  NOPERM: misconfigured(
    "Redis denies its user a permission; the README of @effect-alicloud/redis lists those it needs"
  ),
  WRONGTYPE: wrongType,
  OOM: replied("Redis is full"),
  LOADING: replied("Redis is still loading its data"),
  READONLY: replied("Redis is a replica and takes no writes"),
  MISCONF: replied("Redis takes no writes because it cannot save its data"),
  CLUSTERDOWN: replied("the cluster of Redis is down")
}

/**
 * The code of a reply. Of a script's commands Redis 7.0 says "The user executing the script can't …" without a code, and
 * earlier versions put the reply into a sentence: `ERR Error running script …: -OOM …`.
 */
const replyCode = (message: string): string =>
  /The user executing the script can't/.test(message)
    ? "NOPERM"
    : (/: -([A-Z]+) /.exec(message) ?? /^([A-Z]+)\b/.exec(message))?.[1] ?? "ERR"

const ofReply = (error: object): RedisFailed => {
  const { command, message } = error as { readonly command?: { readonly name?: unknown }; readonly message?: unknown }
  const code = replyCode(String(message))
  if (code === "ERR" && command?.name === "auth") return replies["WRONGPASS"]!
  if (command?.name === "select") {
    return code === "NOPERM"
      ? replies[code]!
      : misconfigured("Redis does not have this database")
  }
  return replies[code] ?? replied(`Redis replied with the error ${Text.code(code) ?? "ERR"}`)
}

const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH/

const ofSystem = (error: object): RedisFailed => {
  const code = Text.systemCode(Reflect.get(error, "code"))
  if (code === undefined) {
    const isLate = /timed out|timeout/i.test(String(Reflect.get(error, "message")))
    return isLate ? unanswered : failed("the connection to Redis was closed")
  }
  if (code.endsWith("ALERT_CERTIFICATE_REQUIRED")) {
    return misconfigured("Redis requires a client certificate; pass a `client` that has one")
  }
  return untrusted.test(code)
    ? misconfigured(`the certificate of Redis is not trusted (${code})`)
    : failed(`Redis cannot be reached (${code})`)
}

/** The failure behind whatever a command or a connection was rejected with. */
export const failureOf = (error: unknown): RedisFailed => {
  if (error instanceof RedisFailed) return error
  if (typeof error !== "object" || error === null) return failed("Redis cannot be used")
  return Reflect.get(error, "name") === "ReplyError" ? ofReply(error) : ofSystem(error)
}
