/** Secrets that are made to be found again, in whatever form they come out. */
import { FastCheck } from "effect"

/** A secret, and everything that would give it or a part of it away. */
export interface Secret {
  /** Its place among the secrets of a run. */
  readonly turn: number
  readonly shape: string
  readonly text: string
  /** Compared without regard to case. */
  readonly needles: ReadonlyArray<string>
  /** Compared as they are. */
  readonly exactNeedles: ReadonlyArray<string>
}

type Shards = readonly [first: string, second: string, third: string]

/**
 * What is put between the three parts of a secret. Each has digits and more than 24 characters: shorter words, words
 * without digits and bare hex are shown where modes, error codes and request ids are.
 */
const shapes: Readonly<Record<string, (...shards: Shards) => string>> = {
  plain: (a, b, c) => `${a}${b}${c}X`,
  quotes: (a, b, c) => `${a}"${b}'${c}\``,
  lines: (a, b, c) => `${a}\n${b}\r\n${c}`,
  percent: (a, b, c) => `${a}%2F${b}%zz${c}%`,
  base64: (a, b, c) => `${a}+/${b}/${c}==`,
  json: (a, b, c) => `${a}"},{"x":"${b}\\u0041\\${c}`,
  unicode: (a, b, c) => `${a}é漢${b}😀\u2028${c}`,
  url: (a, b, c) => `${a}?x=${b}&y=${c}#/@:`,
  markup: (a, b, c) => `${a}<Code>${b}</Code>${c}`,
  shell: (a, b, c) => `${a} $(${b}) '${c}' %s%d`
}

/** Eight characters that no text has by chance, the same in JSON, in URLs and in a shell. */
const shard = FastCheck.noBias(FastCheck.array(FastCheck.integer({ min: 0, max: 35 }), { minLength: 6, maxLength: 6 }))
  .map((digits) => `q7${digits.map((digit) => digit.toString(36)).join("")}`)

/** The part of base64 that does not depend on what stands around the text. */
const inBase64 = (text: string): ReadonlyArray<string> =>
  [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(" ".repeat(offset) + text).toString("base64").replace(/=+$/, "")
    return encoded.slice(Math.ceil((offset * 8) / 6), -1)
  })

/** Forms of a whole text, and of each of its parts, as programs write them. */
const secretOf = (turn: number, shape: string, text: string, shards: Shards): Secret => ({
  turn,
  shape,
  text,
  needles: [
    ...shards,
    ...shards.map((part) => Buffer.from(part).toString("hex")),
    ...shards.map((part) => Array.from(Buffer.from(part), (byte) => byte.toString(16)).join(" ")),
    ...shards.map((part) => Array.from(Buffer.from(part)).join(",")),
    text.toLowerCase(),
    encodeURIComponent(text).toLowerCase(),
    new URLSearchParams({ "": text }).toString().slice(1).toLowerCase(),
    JSON.stringify(text).slice(1, -1).toLowerCase(),
    `'${text.replaceAll("'", "'\\''")}'`.toLowerCase()
  ],
  exactNeedles: [
    ...shards.flatMap(inBase64),
    ...inBase64(text),
    Buffer.from(text).toString("base64url")
  ]
})

/** One secret of each shape; the same seed makes the same ones. */
export const secrets = (seed: number): ReadonlyArray<Secret> => {
  const all = Object.entries(shapes)
  const shards = FastCheck.sample(FastCheck.tuple(shard, shard, shard), { seed, numRuns: all.length })
  return all.map(([shape, write], turn) => {
    const parts = shards[turn]!
    return secretOf(turn, shape, write(...parts), parts)
  })
}

/** What meets one secret of so many in a row; another part of the items meets the next one. */
export const share = <A>({ turn }: Secret, of: number, items: Iterable<A>): ReadonlyArray<A> =>
  Array.from(items).filter((_, index) => (index + turn) % of === 0)

/** What the fake cloud calls the secrets that it makes itself. */
const fromFakeCloud = ["fake-secret", "fake-token", "fake-imds-token", "fake-oauth"]

/** Where a text gives a secret away, with what surrounds it; nothing when it does not. */
export const findIn = (text: string, secret: Secret): string | undefined => {
  const folded = text.toLowerCase()
  const at = [
    ...[...secret.needles, ...fromFakeCloud].map((needle) => folded.indexOf(needle)),
    ...secret.exactNeedles.map((needle) => text.indexOf(needle))
  ].find((index) => index >= 0)
  return at === undefined ? undefined : text.slice(Math.max(0, at - 100), at + 60)
}
