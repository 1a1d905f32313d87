/**
 * Filters texts of a server before they enter an error: well-formed codes and ids, and sentences without secrets. Used
 * wherever `OpenApiError`s are made.
 */
import { percentEncode } from "@effect-alicloud/credentials/Signature"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Encoding from "effect/Encoding"

const unknownText = "<redacted>"

/** Shorter secrets would match in any sentence. */
const minSecretLength = 4

/** The pieces that no encoding changes. Shorter ones, and words without digits, would match in any sentence. */
const piecesOf = (secret: string): ReadonlyArray<string> =>
  (secret.match(/[A-Za-z0-9]{8,}/g) ?? []).filter((piece) => /\d/.test(piece))

/** Secrets in the forms in which a server may quote them, and their pieces in other encodings. */
const formsOf = (secrets: ReadonlyArray<string>): ReadonlyArray<string> =>
  secrets.filter((secret) => secret.length >= minSecretLength).flatMap((secret) => [
    secret,
    percentEncode(secret),
    JSON.stringify(secret).slice(1, -1),
    Encoding.encodeBase64(secret),
    ...piecesOf(secret)
  ])

const holds = (text: string, secrets: ReadonlyArray<string>): boolean =>
  formsOf(secrets).some((form) => text.includes(form))

const matching = (pattern: RegExp) => (text: unknown, secrets: ReadonlyArray<string>): string | undefined =>
  typeof text === "string" && pattern.test(text) && !holds(text, secrets) ? text : undefined

/** An error code: `InvalidVpcId.NotFound`. */
export const code = matching(/^[A-Za-z][A-Za-z0-9._:-]{0,95}$/)

/** A request id: hex digits. */
export const requestId = (text: unknown, secrets: ReadonlyArray<string>): string | undefined => {
  const id = Text.requestId(text)
  return id === undefined || holds(id, secrets) ? undefined : id
}

/** A page of the official site. */
export const recommend = matching(
  /^https:\/\/(?:[a-z0-9-]+\.)*(?:aliyun|alibabacloud|aliyuncs)\.com(?:\/[\x21-\x7e]{0,1000})?$/
)

const controls = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

/** From here on a server quotes the signed text, which contains tokens. */
const quotation = /(?:server\s+)?string[\s-]*to[\s-]*sign|canonical[\s-]*request/i

/** A server's sentence, up to where it quotes the signed text, with secrets replaced. */
export const sentence = (text: unknown, secrets: ReadonlyArray<string>): string | undefined => {
  if (typeof text !== "string") return undefined
  const harmless = formsOf(secrets).reduce(
    (result, form) => result.replaceAll(form, unknownText),
    text.split(quotation)[0] ?? ""
  )
  const shown = Array.from(harmless.replace(controls, " ").trim()).slice(0, 1024).join("")
  return shown === "" ? undefined : shown
}
