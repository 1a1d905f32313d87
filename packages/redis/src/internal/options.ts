/** The options of `RedisSessionStore`: their schema, and what is made of them. */
import { atOptions, type InvalidConfig, invalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as Options from "@effect-alicloud/credentials/unstable/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Client, Config as Given } from "../RedisSessionStore.ts"
import * as Address from "./address.ts"

const fewestBytes = 16

const Text = Schema.String.pipe(
  Schema.filter((text) => text.trim() !== "", { identifier: "Text", description: "a non-empty string" })
)

const secretText = { identifier: "Secret", description: `a Redacted string of at least ${fewestBytes} bytes` }

const Secret = Schema.RedactedFromSelf(
  Schema.String.pipe(Schema.filter((text) => Buffer.byteLength(text.trim()) >= fewestBytes, secretText))
).annotations(secretText)

const isUrl = (input: unknown): input is string | Redacted.Redacted =>
  typeof (Redacted.isRedacted(input) ? Redacted.value(input) : input) === "string"

const isClient = (input: unknown): input is Client =>
  Predicate.hasProperty(input, "status") && Predicate.hasProperty(input, "getrangeBuffer")

export const Config: Schema.Schema<Given> = Schema.Struct({
  url: Schema.optional(
    Schema.declare(isUrl, { identifier: "Url", description: "a string or a Redacted string" })
  ),
  ca: Schema.optional(Text),
  client: Schema.optional(
    Schema.declare(isClient, { identifier: "Client", description: "a client of ioredis: a Redis or a Cluster" })
  ),
  secret: Schema.optional(Secret),
  secrets: Schema.optional(Schema.Array(Secret)),
  prefix: Schema.optional(Text)
}).annotations({ identifier: "RedisSessionStore.Config" })

type Secrets = readonly [Redacted.Redacted, ...ReadonlyArray<Redacted.Redacted>]

export interface Checked {
  readonly server:
    | { readonly _tag: "Client"; readonly client: Client }
    | { readonly _tag: "Url"; readonly address: Address.Address; readonly ca: string | undefined }
  readonly secrets: Secrets
  readonly prefix: string
}

const urlProblem =
  "it must be redis:// or rediss:// with a host, and may have user:password, a port and the number of a " +
  "database, such as rediss://user:password@cache.example.com:6379/0; percent-encode special characters of the password"

export const validate = Effect.fnUntraced(
  function*(source: string, input: Given): Effect.fn.Return<Checked, InvalidConfig> {
    const { ca, client, prefix = "alicloud-credentials:", secret, secrets, url } = yield* Options.validate(
      source,
      Config
    )(
      input
    )
    const all: ReadonlyArray<Redacted.Redacted> = secret === undefined ? secrets ?? [] : [secret]
    const [first, ...others] = all
    if (first === undefined || (secret !== undefined && secrets !== undefined)) {
      return yield* invalidConfig(source, atOptions("secret", "secrets"), "set one of them")
    }
    const from = { secrets: [first, ...others] as const, prefix }
    if ((url === undefined) === (client === undefined)) {
      return yield* invalidConfig(source, atOptions("url", "client"), "set one of them")
    }
    if (client !== undefined) {
      return ca === undefined
        ? { ...from, server: { _tag: "Client", client } }
        : yield* invalidConfig(source, atOptions("ca"), "it needs url; a client has its own")
    }
    const address = Address.parse(Redacted.isRedacted(url) ? Redacted.value(url) : url ?? "")
    if (Option.isNone(address)) {
      return yield* invalidConfig(source, atOptions("url"), urlProblem)
    }
    return ca === undefined || address.value.tls
      ? { ...from, server: { _tag: "Url", address: address.value, ca } }
      : yield* invalidConfig(source, atOptions("ca"), "it needs a URL that starts with rediss://")
  }
)
