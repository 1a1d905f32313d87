/** The `whoami` command: prints the caller identity from STS. */
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import { endpoint } from "@effect-alicloud/credentials/Sts"
import * as Sts from "@effect-alicloud/openapi/Sts"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { step } from "../internal/progress.ts"
import * as screen from "../internal/screen.ts"
import * as selection from "../internal/selection.ts"
import { table } from "../internal/table.ts"
import * as messages from "../messages/common.ts"

export const run = Effect.fnUntraced(function*(options: selection.Selection & { readonly format: "table" | "json" }) {
  const provider = yield* selection.provider(options)
  const { providerName, type } = yield* provider.get
  const sts = yield* Effect.provideService(
    Sts.make({ endpoint: yield* endpoint("whoami") }),
    CredentialsProvider,
    provider
  )
  const identity = yield* step(messages.checkingIdentity, sts.getCallerIdentity)
  const found = { ...identity, type, providerName }
  yield* options.format === "json"
    ? screen.write(JSON.stringify(found, null, 2))
    : Console.log(table(messages.identityRows(found), yield* screen.width))
  return 0
})
