/**
 * What the runtime may do better than the portable default. Each is a `Context.Reference`: nothing has to be provided,
 * and `@effect-alicloud/node` provides all of them for Node.js.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { randomHex } from "./unstable/WebCrypto.ts"

/**
 * Settings of one HTTP request, for the client that sends it: how long connecting may take (default 10 s), how long
 * the server may then be silent (default 5 s), and whether a proxy of the environment must not be used (as for the
 * instance metadata service). A client that does not know this reference is bound by the request's whole deadline only.
 *
 * @since 0.1.0
 * @category references
 */
export class Connection extends Context.Reference<Connection>()("@effect-alicloud/credentials/Connection", {
  defaultValue: (): {
    readonly connectTimeout: Duration.Duration
    readonly timeout: Duration.Duration
    readonly direct: boolean
  } => ({
    connectTimeout: Duration.seconds(10),
    timeout: Duration.seconds(5),
    direct: false
  })
}) {}

/**
 * Makes an HTTP client whose connections end at the Unix socket of a path, `None` where the runtime has no such thing.
 *
 * @since 0.1.0
 * @category references
 */
export class SocketClient extends Context.Reference<SocketClient>()("@effect-alicloud/credentials/SocketClient", {
  defaultValue: (): Option.Option<(path: string) => HttpClient.HttpClient> => Option.none()
}) {}

/**
 * The clock on which background refreshes sleep, `None` for the current one. On Node.js its timers must not keep the
 * process alive.
 *
 * @since 0.1.0
 * @category references
 */
export class BackgroundClock
  extends Context.Reference<BackgroundClock>()("@effect-alicloud/credentials/BackgroundClock", {
    defaultValue: (): Option.Option<Clock.Clock> => Option.none()
  })
{}

/**
 * The home directory when no environment variable names it.
 *
 * @since 0.1.0
 * @category references
 */
export class HomeDirectory extends Context.Reference<HomeDirectory>()("@effect-alicloud/credentials/HomeDirectory", {
  defaultValue: (): Option.Option<string> => Option.none()
}) {}

/**
 * Unguessable text for signature nonces: 32 hex digits of Web Crypto randomness. (`Random` is seeded from far fewer
 * bits; it is used for jitter only.)
 *
 * @since 0.1.0
 * @category references
 */
export class Nonce extends Context.Reference<Nonce>()("@effect-alicloud/credentials/Nonce", {
  defaultValue: (): Effect.Effect<string> => Effect.sync(() => randomHex(16))
}) {}

/**
 * The holder of a lock file. `id` names this thread of this process among all that may share a file; `isDead` tells whether
 * the one that an `id` names has certainly ended, and is `false` whenever that is not known. By default the id is random and
 * none is known to have ended: a lock that was left behind then counts as free after 15 seconds.
 *
 * @since 0.1.0
 * @category references
 */
export class LockOwner extends Context.Reference<LockOwner>()("@effect-alicloud/credentials/LockOwner", {
  defaultValue: (): {
    readonly id: string
    readonly isDead: (id: string) => Effect.Effect<boolean>
  } => ({
    id: randomHex(16),
    isDead: () => Effect.succeed(false)
  })
}) {}

/**
 * The operating system's number of the user of this process, to tell whose a file is. `None` where there is no such number,
 * as on Windows, and where it is not known.
 *
 * @since 0.1.0
 * @category references
 */
export class UserId extends Context.Reference<UserId>()("@effect-alicloud/credentials/UserId", {
  defaultValue: (): Option.Option<number> => Option.none()
}) {}
