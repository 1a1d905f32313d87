import { accountId, ci, keyPair, providerArn, roleArn } from "../../kit/cloud.ts"
import { minimal, optional, signInHost, utf8 } from "../../kit/profileWorld.ts"

/** Part of everything that must never show. */
export const marker = "s3cr3t"

/** Part of AccessKey IDs and header names: credentials show them, errors do not. */
export const idMarker = "1d3nt1ty"

/** Random choices that a seed repeats. */
export interface Dice {
  /** A whole number from 0 on, below the limit. */
  readonly below: (limit: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(items: ReadonlyArray<A>) => A
}

/** Mulberry32. */
export const makeDice = (seed: number): Dice => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)]!
  }
}

type Profile = Record<string, unknown>

const texts: ReadonlyArray<string> = [
  marker,
  `${marker} with spaces`,
  `\u001B[31m${marker}\r\n\u0000`,
  `"${marker}'\\`,
  `${marker}-${"x".repeat(500)}`,
  `日本語-${marker}-\uD800-\u202E`,
  `{"${marker}":"${marker}"}`,
  `-----BEGIN PRIVATE KEY-----\n${marker}\n-----END PRIVATE KEY-----`,
  `https://user:${marker}@host/${marker}?${marker}`
]

/** What names, paths and hosts may be: they show, so that no marker is in them. */
const shown: Readonly<Record<string, ReadonlyArray<string>>> = {
  source_profile: ["p", "other", "gone", "__proto__", "constructor", "a\u001B[2Jb", "n".repeat(500)],
  oidc_token_file: ["/token", "/gone", "/home", "relative", "\0", "~/token"]
}

/** The strings of the fields that are shown in part, with the marker where they are not. */
const partlyShown: Readonly<Record<string, ReadonlyArray<string>>> = {
  sts_endpoint: [
    "sts.example.com",
    `sts.example.com/${marker}`,
    `https://user:${marker}@sts.example.com`,
    `sts.example.com?${marker}`,
    `${marker} host`,
    "https://127.0.0.1:1",
    "nowhere.example.com",
    "[::1",
    "a".repeat(300)
  ],
  sts_region: ["cn-hangzhou", `cn/${marker}`, `${marker} `.repeat(2), `${marker}@`, `x.aliyuncs.com/#${marker}`],
  credentials_uri: [
    `http://127.0.0.1:6666/credentials?token=${marker}-query`,
    `http://127.0.0.1:6666/${marker}`,
    `http://user:${marker}@127.0.0.1:6666/`,
    `http://nowhere.example.com/${marker}#${marker}`,
    `http://host:${marker}/`,
    `http://${marker} host/`,
    `ftp://${marker}/`,
    `https:${marker}`,
    marker
  ],
  cloud_sso_sign_in_url: [
    `https://${signInHost}/${marker}`,
    `https://user:${marker}@${signInHost}/start/login`,
    `http://${signInHost}/${marker}`,
    `https://nowhere.example.com?${marker}`,
    `https://host:${marker}/`,
    marker
  ],
  process_command: [
    `/opt/get --token ${marker}`,
    `/opt/${marker}/get '${marker}' "${marker}"`,
    `get ${marker}\\`,
    `get "${marker}`,
    `'' ${marker}`,
    "\\"
  ],
  access_key_id: [ci.accessKeyId, idMarker, `${idMarker}\u001B[2J`, `LTAI5t${idMarker.repeat(200)}`],
  bearer_token_header_key: ["x-custom-token", `x-${idMarker}`, `${idMarker} x`, `${idMarker}:\r\n`, "ü"],
  private_key: [keyPair.privateKey, keyPair.publicKey, "/key.pem", "/gone.pem", ...texts],
  oauth_site_type: ["CN", "INTL", "cn", marker, "__proto__"],
  ram_role_arn: [roleArn("open"), roleArn("pod"), roleArn("node"), ...texts],
  ram_role_name: ["EcsRole", ...texts],
  oidc_provider_arn: [providerArn, ...texts],
  cloud_sso_account_id: [accountId, ...texts],
  policy: ["{}", ...texts]
}

const numbers: ReadonlyArray<number> = [
  1,
  -1,
  899,
  900,
  3600,
  1.5,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  1e21,
  1e300,
  -0,
  4e-9
]

const fields = [...new Set([...Object.values(minimal).flatMap(Object.keys), ...Object.values(optional).flat(), "mode"])]

const textOf = (dice: Dice, field: string): string => dice.pick(shown[field] ?? partlyShown[field] ?? texts)

const junk = (dice: Dice): unknown =>
  dice.pick<() => unknown>([
    () => dice.pick(numbers),
    () => dice.chance(0.5),
    () => null,
    () => dice.pick(["", " ", "\t\r\n"]),
    () => 0,
    () => [marker],
    () => ({ [marker]: marker, length: 5, toString: marker }),
    () => [[[{ __proto__x: [marker] }]]],
    () => JSON.parse(`{"__proto__":{"mode":"${marker}"},"constructor":"${marker}"}`) as unknown,
    () => [],
    () => ({})
  ])()

const unknownMode = (dice: Dice): unknown =>
  dice.pick<unknown>([
    "ak",
    "Sso",
    "__proto__",
    "constructor",
    "toString",
    `${marker}-is-not-a-word`,
    `${marker}${"x".repeat(25)}`,
    `${marker} `.repeat(2),
    [marker],
    { mode: marker },
    -1,
    null,
    ""
  ])

const profileOf = (dice: Dice, mode: string): Profile => {
  const profile: Profile = { name: "p", mode, ...minimal[mode] }
  for (const field of optional[mode] ?? []) {
    if (!dice.chance(0.2)) continue
    profile[field] = /timeout|expir|seconds/.test(field)
      ? dice.pick(/expir(?:e|ation)$/.test(field) ? [1, 3600, 1e10] : [1, 60, 900, 3600])
      : field === "enable_vpc"
      ? true
      : textOf(dice, field)
  }
  return profile
}

const mutateProfile = (dice: Dice, profile: Profile): void => {
  const field = dice.pick(dice.chance(0.7) ? Object.keys(profile).filter((name) => name !== "name") : fields)
  if (field === undefined) return
  dice.pick([
    () => {
      delete profile[field]
    },
    () => {
      profile[field] = field === "mode" ? unknownMode(dice) : textOf(dice, field)
    },
    () => {
      profile[field] = junk(dice)
    },
    () => {
      profile[field] = dice.pick(numbers)
    },
    () => {
      profile[dice.pick([marker, "extra", "region_id", "Name", "__proto__", "toJSON"])] = dice.chance(0.5)
        ? junk(dice)
        : dice.pick(texts)
    }
  ])()
}

interface Document {
  [key: string]: unknown
  profiles: unknown
}

const mutateDocument = (dice: Dice, document: Document): void => {
  const profiles = Array.isArray(document.profiles) ? document.profiles as Array<unknown> : []
  dice.pick([
    () => {
      document["current"] = dice.pick<unknown>(["p", "gone", "__proto__", "", 5, null, [marker], { p: marker }])
    },
    () => {
      delete document["current"]
    },
    () => {
      document.profiles = junk(dice)
    },
    () => {
      profiles.splice(dice.below(profiles.length + 1), 0, dice.pick<unknown>([junk(dice), dice.pick(texts)]))
    },
    () => {
      profiles.push(...profiles)
    },
    () => {
      profiles.unshift({ name: dice.pick<unknown>(["p", [marker], { marker }, 5, "default", "\u001B"]), mode: "AK" })
    },
    () => {
      profiles.reverse()
    },
    () => {
      document[marker] = junk(dice)
    }
  ])()
}

const splice = (text: string, at: number, removed: number, added: string): string =>
  text.slice(0, at) + added + text.slice(at + removed)

const mutateText = (dice: Dice, text: string): string => {
  const at = dice.below(text.length + 1)
  return dice.pick([
    () => text.slice(0, at),
    () => splice(text, at, dice.below(20), ""),
    () =>
      splice(
        text,
        at,
        dice.below(2),
        dice.pick(["\"", "{", "}", "[", "]", ",", ":", "\\", "\0", "\n", "0", "é", marker])
      ),
    () =>
      text.replace(
        /:(?:\d+|true|null|"[^"]*")/,
        `:${dice.pick(["1e400", "-1e400", "00", "NaN", "1.0", "-0", "0x10"])}`
      ),
    () => text.replace(/"mode":/, `"access_key_id":["${marker}"],"mode":"${marker} ","mode":`),
    () => `\uFEFF${text}`,
    () => `${text}${dice.pick([text, "\0", " ", "//", marker])}`,
    () => `/* ${marker} */${text}`,
    () => text.replaceAll("\"", "'"),
    () => text.replaceAll("s3cr3t", "s3\\u00633r3t"),
    () => splice(text, at, 0, "[".repeat(2000)),
    () => text.replace("\"name\"", `"deep":${"[".repeat(5000)}${"]".repeat(5000)},"name"`),
    () => JSON.stringify(text)
  ])()
}

const encode = (dice: Dice, text: string): Uint8Array =>
  dice.pick<() => Uint8Array>([
    () => Buffer.from(`\uFEFF${text}`, "utf16le"),
    () => Buffer.from(Buffer.from(`\uFEFF${text}`, "utf16le")).swap16(),
    () => Buffer.from(text, "utf16le"),
    () => Buffer.from(text, "latin1"),
    () => utf8(text).map((byte) => dice.chance(0.01) ? dice.below(256) : byte)
  ])()

/** One random config.json, and how it is asked for. */
export interface FuzzCase {
  /** The mode that it was made from. */
  readonly mode: string
  readonly bytes: Uint8Array
  readonly profileName: string | undefined
}

const modes = Object.keys(minimal)

/** The file of a mode, with what a few random mutations made of it. */
export const makeCase = (dice: Dice): FuzzCase => {
  const mode = dice.pick(modes)
  const profile = profileOf(dice, mode)
  const other = profileOf(dice, dice.chance(0.5) ? "AK" : dice.pick(modes))
  const document: Document = { current: "p", profiles: [profile, { ...other, name: "other" }] }
  for (let count = dice.below(4); count > 0; count--) {
    mutateProfile(dice, dice.chance(0.85) ? profile : other)
  }
  if (dice.chance(0.15)) mutateDocument(dice, document)
  let text = JSON.stringify(document, null, dice.pick([0, 2, "\t"]))
  if (dice.chance(0.15)) text = mutateText(dice, text)
  return {
    mode,
    bytes: dice.chance(0.03) ? encode(dice, text) : utf8(text),
    profileName: dice.chance(0.1) ? dice.pick(["p", "other", "gone", "__proto__"]) : undefined
  }
}
