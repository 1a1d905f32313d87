/** The `serve` command: runs the private server until it is stopped. */
import type { Sts } from "@effect-alicloud/credentials/Credentials"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import { isLoopback } from "@effect-alicloud/credentials/unstable/Loopback"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { BadUsage } from "../internal/failure.ts"
import * as formats from "../internal/formats.ts"
import { step } from "../internal/progress.ts"
import * as screen from "../internal/screen.ts"
import * as selection from "../internal/selection.ts"
import { stoppable } from "../internal/signals.ts"
import * as messages from "../messages/serve.ts"
import type { Guard } from "../server/circle.ts"
import { make as makeGuard } from "../server/circle.ts"
import { roleName } from "../server/metadata.ts"
import type { PrivateServer } from "../server/PrivateServer.ts"
import { serve } from "../server/PrivateServer.ts"
import { random } from "../server/secret.ts"
import { refresh } from "../server/session.ts"
import { tokenPattern } from "../server/uri.ts"

export interface Options extends selection.Selection {
  readonly host: string
  readonly port: number
  readonly token: Option.Option<Redacted.Redacted>
  readonly imds: boolean
  readonly format: "table" | "json"
}

const tokenVariable = Config.redacted("ALICLOUD_CREDENTIALS_SERVE_TOKEN").pipe(
  Effect.map(Option.some),
  Effect.orElseSucceed(Option.none)
)

const check = ({ host, imds, token }: Options): Effect.Effect<void, BadUsage> => {
  if (Option.exists(token, (token) => !tokenPattern.test(Redacted.value(token)))) {
    return new BadUsage({ message: messages.badToken })
  }
  return imds && !isLoopback(host) ? new BadUsage({ message: messages.imdsOnLoopback }) : Effect.void
}

const announce = ({ format, imds }: Options, server: PrivateServer): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { address, port } = server
    const uri = Redacted.value(server.uri)
    const others = server.others.map(Redacted.value)
    const metadata = imds ? server.imds : undefined
    return format === "json"
      ? screen.write(JSON.stringify({
        uri,
        others: others.length === 0 ? undefined : others,
        imds: metadata,
        role: imds ? roleName : undefined,
        pid: process.pid
      }))
      : Console.log(messages.announcement({
        uri,
        others,
        address,
        port,
        imds: metadata === undefined ? undefined : { at: metadata, roleName }
      }))
  })

/** The server has a scope of its own, which closes while the provider still refreshes for what is being answered. */
const serveUntilStopped = (
  options: Options,
  circle: Guard,
  provider: CredentialsProvider.Service,
  first: Sts
) =>
  Effect.scoped(Effect.gen(function*() {
    const token = Option.getOrElse(options.token, random)
    const server = yield* serve(provider, first, { ...options, token, circle })
    yield* announce(options, server)
    if (!isLoopback(server.address)) {
      yield* Console.error(messages.everybody(server.address))
    }
    return yield* Effect.catchTag(stoppable(Effect.never), "Stopped", () => Effect.succeed(0))
  }))

/** Ends with 0 when a signal stops the server. */
export const run = Effect.fnUntraced(function*(given: Options) {
  const options = { ...given, token: Option.isSome(given.token) ? given.token : yield* tokenVariable }
  yield* check(options)
  const circle = makeGuard()
  const provider = yield* CredentialsProvider.make(circle.mark(yield* selection.source(options)), { refresh })
  const first = yield* stoppable(Effect.flatMap(step(messages.resolving, provider.get), formats.session))
  return yield* serveUntilStopped(options, circle, provider, first)
})
