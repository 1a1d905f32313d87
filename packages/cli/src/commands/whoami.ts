import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import { endpoint } from "@effect-alicloud/credentials/Sts"
import * as Sts from "@effect-alicloud/openapi/Sts"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { step } from "../internal/progress.ts"
import { width } from "../internal/screen.ts"
import * as selection from "../internal/selection.ts"
import { table } from "../internal/table.ts"
import * as messages from "../messages/common.ts"

export const run = (options: selection.Selection & { readonly format: "table" | "json" }) =>
  Effect.gen(function*() {
    const provider = yield* selection.provider(options)
    const { providerName, type } = yield* provider.get
    const sts = yield* Effect.provideService(
      Sts.make({ endpoint: yield* endpoint("whoami") }),
      CredentialsProvider,
      provider
    )
    const identity = yield* step(messages.askingWho, sts.getCallerIdentity)
    yield* Console.log(
      options.format === "json"
        ? JSON.stringify({ ...identity, type, providerName }, null, 2)
        : table(messages.identityRows({ ...identity, type, providerName }), yield* width)
    )
  })
