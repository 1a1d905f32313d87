/** The signatures of OSS, version 1 and 4, for `oss.ts`. */
import { percentEncode } from "@effect-alicloud/credentials/Signature"
import * as WebCrypto from "@effect-alicloud/credentials/unstable/WebCrypto"
import { hex, utf8 } from "@effect-alicloud/credentials/unstable/WebCrypto"
import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import type { Request } from "../FakeAlicloud.ts"
import type { Target } from "./http.ts"
import { queryOf } from "./http.ts"

const hmac = (hash: "SHA-1" | "SHA-256", key: Uint8Array, text: string): Effect.Effect<Uint8Array> =>
  Effect.promise(() => WebCrypto.hmac(hash, key, utf8(text)))

type Entry = readonly [name: string, value: string]

const sortNames = (names: ReadonlyArray<string>): ReadonlyArray<string> => Arr.sort(names, Order.string)

const byName = Order.mapInput(Order.string, ([name]: Entry) => name)

const sortEntries = (entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => Arr.sort(entries, byName)

/** Percent-decodes text that can be; other text stays as it is. */
export const decoded = (text: string): string =>
  Option.getOrElse(Option.liftThrowable(decodeURIComponent)(text), () => text)

/** The signer that a request names, and the computation of the expected signature. */
export interface OssSignature {
  readonly accessKeyId: string
  readonly token: string | undefined
  /** When a request was signed, epoch milliseconds; not for URLs. */
  readonly signedAt: Option.Option<number>
  /** When a URL ends, epoch milliseconds. */
  readonly endsAt: number | undefined
  readonly stringToSign: Effect.Effect<string>
  readonly signature: string
  readonly expected: (secret: string) => Effect.Effect<string>
}

interface Signed {
  readonly request: Request
  readonly target: Target
  /** `/<bucket>/<object>`, percent-encoded as sent. */
  readonly resource: string
}

/** Parameters that version 1 signs. */
const subresources = /^(acl|append|delete|partNumber|position|security-token|uploadId|uploads|response-.+|x-oss-.+)$/

const versionOne = (
  signed: Signed,
  credential: { readonly accessKeyId: string; readonly signature: string; readonly token: string | undefined },
  moment: { readonly date: string; readonly signedAt: Option.Option<number>; readonly endsAt: number | undefined }
): OssSignature => {
  const { headers, method } = signed.request
  const ossHeaders = sortNames(Object.keys(headers).filter((name) => name.startsWith("x-oss-")))
    .map((name) => `${name}:${headers[name]}\n`).join("")
  const parameters = sortEntries(Object.entries(queryOf(signed.target)).filter(([name]) => subresources.test(name)))
    .map(([name, value]) => value === "" ? name : `${name}=${value}`).join("&")
  const stringToSign =
    `${method}\n${headers["content-md5"] ?? ""}\n${headers["content-type"] ?? ""}\n${moment.date}\n` +
    `${ossHeaders}${decoded(signed.resource)}${parameters === "" ? "" : `?${parameters}`}`
  return {
    ...credential,
    ...moment,
    stringToSign: Effect.succeed(stringToSign),
    expected: (secret) => Effect.map(hmac("SHA-1", utf8(secret), stringToSign), Encoding.encodeBase64)
  }
}

/** `20260102T030405Z` as epoch milliseconds. */
const compactTime = (text: string): Option.Option<number> =>
  Option.map(
    DateTime.make(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z")),
    DateTime.toEpochMillis
  )

const versionFour = (
  signed: Signed,
  options: {
    readonly credential: string
    readonly date: string
    readonly additional: string
    readonly signature: string
    readonly token: string | undefined
    readonly endsAfterSeconds: number | undefined
  }
): OssSignature => {
  const { headers, method } = signed.request
  const [accessKeyId = "", ...scope] = options.credential.split("/")
  const additional = options.additional === "" ? [] : options.additional.split(";")
  const canonicalHeaders = sortNames(
    Object.keys(headers).filter((name) =>
      name.startsWith("x-oss-") || name === "content-type" || name === "content-md5" || additional.includes(name)
    )
  ).map((name) => `${name}:${headers[name]?.trim()}\n`).join("")
  const query = sortEntries(Object.entries(queryOf(signed.target)).filter(([name]) => name !== "x-oss-signature"))
    .map(([name, value]) => value === "" ? percentEncode(name) : `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&")
  const resource = percentEncode(decoded(signed.resource)).replace(/%2F/g, "/")
  const payload = headers["x-oss-content-sha256"] ?? "UNSIGNED-PAYLOAD"
  const canonical = [method, resource, query, canonicalHeaders, additional.join(";"), payload].join("\n")
  const stringToSign = Effect.map(
    Effect.promise(() => WebCrypto.sha256(utf8(canonical))),
    (hash) => ["OSS4-HMAC-SHA256", options.date, scope.join("/"), hex(hash)].join("\n")
  )
  const signedAt = compactTime(options.date)
  return {
    accessKeyId,
    token: options.token,
    signedAt: options.endsAfterSeconds === undefined ? signedAt : Option.none(),
    endsAt: options.endsAfterSeconds === undefined
      ? undefined
      : Option.getOrElse(signedAt, () => 0) + options.endsAfterSeconds * 1000,
    signature: options.signature,
    stringToSign,
    expected: (secret) =>
      Effect.gen(function*() {
        const parts = [...scope, yield* stringToSign]
        const result = yield* Effect.reduce(
          parts,
          utf8(`aliyun_v4${secret}`),
          (key, part) => hmac("SHA-256", key, part)
        )
        return Encoding.encodeHex(result)
      })
  }
}

/** The signature of a request: version 1 or 4, in the header or in the URL; `undefined` when it has none. */
export const signatureOf = (signed: Signed): OssSignature | undefined => {
  const { headers } = signed.request
  const query = queryOf(signed.target)
  const authorization = headers["authorization"] ?? ""
  const v1 = /^OSS ([^:]*):(.*)$/.exec(authorization)
  const token = headers["x-oss-security-token"]
  if (v1 !== null) {
    const date = headers["x-oss-date"] ?? headers["date"] ?? ""
    const signedAt = Option.map(DateTime.make(Date.parse(date)), DateTime.toEpochMillis)
    return versionOne(signed, { accessKeyId: v1[1]!, signature: v1[2]!, token }, { date, signedAt, endsAt: undefined })
  }
  const v4 = /^OSS4-HMAC-SHA256 Credential=([^,]*),\s*(?:AdditionalHeaders=([^,]*),\s*)?Signature=(.*)$/
    .exec(authorization)
  if (v4 !== null) {
    return versionFour(signed, {
      credential: v4[1]!,
      additional: v4[2] ?? "",
      signature: v4[3]!,
      date: headers["x-oss-date"] ?? "",
      token,
      endsAfterSeconds: undefined
    })
  }
  if (query["OSSAccessKeyId"] !== undefined) {
    const date = query["Expires"] ?? ""
    return versionOne(
      signed,
      { accessKeyId: query["OSSAccessKeyId"], signature: query["Signature"] ?? "", token: query["security-token"] },
      { date, signedAt: Option.none(), endsAt: Number(date) * 1000 }
    )
  }
  return query["x-oss-credential"] === undefined ? undefined : versionFour(signed, {
    credential: query["x-oss-credential"],
    additional: query["x-oss-additional-headers"] ?? "",
    signature: query["x-oss-signature"] ?? "",
    date: query["x-oss-date"] ?? "",
    token: query["x-oss-security-token"],
    endsAfterSeconds: Number(query["x-oss-expires"])
  })
}
