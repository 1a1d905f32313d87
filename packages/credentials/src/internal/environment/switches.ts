/** The variable that forbids programs and addresses that a profile names. The modes of `CliProfile` check it before they use one. */
import * as Effect from "effect/Effect"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { SourceUnavailable } from "../../CredentialsError.ts"
import type { Env } from "./env.ts"

/** The switch of the programs and addresses that a profile names. */
export const variable = "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS"

/** Fails while the operator forbids programs and addresses that a file names, as the aliyun CLI does. */
export const check = (source: string, environment: Env): Effect.Effect<void, InvalidConfig | SourceUnavailable> =>
  Effect.flatMap(environment.text(variable), (value) =>
    value === "1" || value?.toLowerCase() === "true"
      ? new SourceUnavailable({
        source,
        reason: { _tag: "SwitchedOff", variable },
        detail: `external programs and addresses are switched off by ${variable}`,
        hint: "Unset it to use them."
      })
      : Effect.void)
