/** Reads the URL of a Redis server. Used by the check of options and by `ownClient.ts`. */
import * as Either from "effect/Either"
import * as Option from "effect/Option"

export interface Address {
  readonly tls: boolean
  readonly host: string
  readonly port: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number
  /** As messages show it: without user and password. */
  readonly shown: string
}

const decode = Option.liftThrowable(decodeURIComponent)

/** `None` for what is no such URL. What it is not is never quoted: it may contain a password. */
export const parse = (text: string): Option.Option<Address> =>
  Option.gen(function*() {
    const url = yield* Either.getRight(Either.try(() => new URL(text)))
    const tls = url.protocol === "rediss:"
    const [, db] = yield* Option.fromNullable(/^\/?(\d{0,9})$/.exec(url.pathname))
    const username = yield* decode(url.username)
    const password = yield* decode(url.password)
    const isUsable = (tls || url.protocol === "redis:") && url.hostname !== "" && url.search === "" &&
      url.hash === "" &&
      (username === "" || password !== "")
    if (!isUsable) return yield* Option.none()
    const port = url.port === "" ? 6379 : Number(url.port)
    return {
      tls,
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port,
      username: username === "" ? undefined : username,
      password: password === "" ? undefined : password,
      db: Number(db),
      shown: `${url.protocol}//${url.hostname}:${port}`
    }
  })
