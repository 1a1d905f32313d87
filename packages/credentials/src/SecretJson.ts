/**
 * JSON that may hold secrets. What is wrong with it is said in names, expectations and types, never in values: schema
 * errors and `JSON.parse` quote their input.
 *
 * @module
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import * as secretJson from "./internal/secrecy/secretJson.ts"

/**
 * Parses text; a byte order mark is skipped. The error is one sentence for each thing that is wrong.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parse: (text: string) => Effect.Effect<unknown, ReadonlyArray<string>> = secretJson.parse

/**
 * Decodes a value.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode: <A, I>(
  schema: Schema.Schema<A, I>
) => (value: unknown) => Effect.Effect<A, ReadonlyArray<string>> = secretJson.decode

/**
 * Parses and decodes text.
 *
 * @example
 * ```ts
 * import { SecretJson } from "@effect-alicloud/credentials"
 * import { Effect, Schema } from "effect"
 *
 * const decode = SecretJson.decodeText(Schema.Struct({ token: Schema.Redacted(Schema.String) }))
 *
 * Effect.runPromise(Effect.flip(decode(`{"token":["secret"]}`))).then((issues) => console.log(issues))
 * // [ 'token must be a string, not array' ]
 * ```
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeText: <A, I>(
  schema: Schema.Schema<A, I>
) => (text: string) => Effect.Effect<A, ReadonlyArray<string>> = secretJson.decodeText

/**
 * Every place where a value is wrong: `Credentials.AccessKeyId is missing`. `whole` is what the value
 * itself is called, default `the document`.
 *
 * @since 0.1.0
 * @category decoding
 */
export const describe: (issue: ParseResult.ParseIssue, whole?: string) => ReadonlyArray<string> = secretJson.describe
