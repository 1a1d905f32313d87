import { CliProfile } from "@effect-alicloud/credentials"
import { NodePlatform } from "@effect-alicloud/node"
import { FileSystem } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { execFileSync } from "node:child_process"
import * as NodeFs from "node:fs"
import { errorOf } from "../kit/leaks.ts"
import { noNetwork } from "../kit/world.ts"
import type { Content, Place } from "./utils/realFile.ts"
import { dev, fail, json, nested, secret, withField } from "./utils/realFile.ts"

const role = { ...dev, mode: "RamRoleArn", ram_role_arn: "a" }

type Row = readonly [title: string, content: Content, contains: ReadonlyArray<string>]

const utf16 = (text: string): Uint8Array => Buffer.from(`\uFEFF${text}`, "utf16le")

const wholeFile: ReadonlyArray<Row> = [
  ["an empty file", "", ["it is empty", "run `aliyun configure`"]],
  ["a file of white space", " \n\t", ["it is empty"]],
  ["a byte order mark alone", "\uFEFF", ["it is empty"]],
  ["text that is no JSON", secret, [", line 1, column 1: not valid JSON: expected a value."]],
  ["a file that stops in the middle", json(dev).slice(0, -20), [
    `, line 1, column ${json(dev).length - 19}: not valid JSON: expected the closing quote of a text, but it ends there`
  ]],
  ["two documents", json(dev) + json(dev), [
    `, line 1, column ${json(dev).length + 1}: not valid JSON: expected the end of the text`
  ]],
  ["comments", `// ${secret}\n${json(dev)}`, ["column 1: not valid JSON: expected a value: JSON has no comments"]],
  ["a comment within", `{"current":"dev", // ${secret}\n"profiles":[]}`, [
    ", line 1, column 19: not valid JSON: expected a name in double quotes: JSON has no comments."
  ]],
  ["a comma after the last field", `{\r\n "profiles": [{"name": "\u{1F600}", "access_key_secret": "${secret}",}]}`, [
    `, line 2, column ${53 + secret.length}: not valid JSON: expected a name in double quotes: there is no comma after`
  ]],
  ["a comma after the last profile", "{\"profiles\": [\n{},\n]}", [
    ", line 3, column 1: not valid JSON: expected a value"
  ]],
  ["a Windows path with single backslashes", `{"profiles":[{"name":"d","oidc_token_file":"C:\\Users\\me"}]}`, [
    ", line 1, column 47: not valid JSON: expected an escape such as \\n: a backslash in a text is written twice"
  ]],
  ["single quotes", `{'current':'${secret}'}`, [
    ", line 1, column 2: not valid JSON: expected a name in double quotes or }"
  ]],
  ["a bare string", JSON.stringify(secret), ["must be an object, not string"]],
  ["a list", JSON.stringify([secret]), ["must be an object, not array"]],
  ["null", "null", ["must be an object, not null"]],
  ["profiles as an object", JSON.stringify({ profiles: { [secret]: dev } }), ["profiles must be", "not object"]],
  ["no profiles", JSON.stringify({ current: "dev" }), ["profiles is missing"]],
  ["an empty list of profiles", JSON.stringify({ current: "dev", profiles: [] }), [
    "no profile \"dev\"",
    "the file has none"
  ]],
  ["a current profile that is a list", JSON.stringify({ current: [secret], profiles: [dev] }), [
    "current must be a string, not array"
  ]],
  ["UTF-16", utf16(json(dev)), ["not plain UTF-8", "save it as UTF-8"]],
  ["UTF-16 without a mark", Buffer.from(json(dev), "utf16le"), ["save it as UTF-8"]],
  ["big-endian UTF-16", Buffer.from(utf16(json(dev))).swap16(), ["save it as UTF-8"]],
  ["latin-1 in a neighbour", Buffer.from(json({ name: "caf\u00E9", mode: "AK" }, dev), "latin1"), ["save it as UTF-8"]],
  ["a character that stops in the middle", Buffer.from(`${json(dev)}\u6D4B`).subarray(0, -1), ["save it as UTF-8"]],
  ["NUL bytes behind the document", `${json(dev)}\0\0\0`, ["save it as UTF-8"]],
  ["nothing but NUL bytes, as after a crash", "\0".repeat(512), ["save it as UTF-8"]],
  ["random bytes", Uint8Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256), ["save it as UTF-8"]],
  ["10 MB", json(dev).padEnd(10_000_000), ["larger than 1 MiB"]],
  ["100,000 profiles", json(...Array.from({ length: 100_000 }, (_, n) => ({ ...dev, name: `p${n}` }))), [
    "larger than 1 MiB"
  ]],
  ["100,000 lists in each other", nested(100_000), ["must be an object, not array"]],
  ["100,000 lists that nobody closes", "[".repeat(100_000), [
    ", line 1, column 100001: not valid JSON: expected a value or ], but it ends there"
  ]],
  ["a directory", ({ file }) => NodeFs.mkdirSync(file), ["it is a directory, not a file"]],
  ["a link to itself", ({ file }) => NodeFs.symlinkSync(file, file), ["it cannot be read"]],
  ["links in a circle", ({ file }) => {
    NodeFs.symlinkSync(file, `${file}.2`)
    NodeFs.symlinkSync(`${file}.2`, file)
  }, ["it cannot be read"]],
  ["a pipe that nobody writes to", ({ file }) => void execFileSync("mkfifo", [file]), ["it is not a regular file"]],
  ["a link to an endless device", ({ file }) => NodeFs.symlinkSync("/dev/zero", file), ["it is not a regular file"]],
  ["a link to a terminal", ({ file }) => NodeFs.symlinkSync("/dev/tty", file), ["it is not a regular file"]],
  ["a folder on its path that is a file", ({ folder }) => {
    NodeFs.rmdirSync(`${folder}/.aliyun`)
    NodeFs.writeFileSync(`${folder}/.aliyun`, secret)
  }, ["it cannot be read"]]
]

const oneProfile: ReadonlyArray<Row> = [
  ["an unsupported mode", json({ ...dev, mode: "Sso" }), ["mode \"Sso\" is not one of AK, StsToken", "Anonymous"]],
  ["a secret in the place of the mode", json({ ...dev, mode: `${secret}-which-is-long` }), [
    "mode an unprintable value is not one of AK"
  ]],
  ["a mode that every object has", json({ ...dev, mode: "constructor" }), ["mode \"constructor\" is not one of AK"]],
  ["a mode that is a list", json({ ...dev, mode: ["AK"] }), ["mode must be a string, not array"]],
  ["no mode, and nothing that tells it", json({ name: "dev", access_key_id: "LTAI5tDev" }), ["mode is missing"]],
  ["a missing field", json({ ...dev, access_key_id: undefined }), ["access_key_id is missing"]],
  ["a missing secret", json({ ...dev, access_key_secret: undefined }), ["access_key_secret is missing"]],
  ["an id that is a number", json({ ...dev, access_key_id: 5 }), ["access_key_id must be a string, not number"]],
  ["a secret that is a list", json({ ...dev, access_key_secret: [secret] }), [
    "access_key_secret must be a string, not array"
  ]],
  ["seconds that are text", json({ ...role, expired_seconds: secret }), ["expired_seconds must be", "not string"]],
  ["seconds that are broken", json({ ...role, expired_seconds: 900.5 }), ["expired_seconds must be a whole number"]],
  ["seconds beyond all numbers", withField("expired_seconds", "1e400", "RamRoleArn"), [
    "expired_seconds must be a whole number"
  ]],
  ["a switch that is text", json({ ...role, enable_vpc: secret }), ["enable_vpc must be a boolean, not string"]],
  [
    "every field of a wrong type at once",
    json({ ...role, access_key_id: [1], sts_token: {}, read_timeout: [secret] }),
    [
      "access_key_id must be a string, not array",
      "sts_token must be a string, not object",
      "read_timeout must be"
    ]
  ],
  ["100,000 lists in a field", withField("sts_token", nested(100_000), "StsToken"), [
    "sts_token must be a string, not array"
  ]],
  ["a session that is too short", json({ ...dev, mode: "RamRoleArn", ram_role_arn: secret, expired_seconds: 1 }), [
    "expired_seconds must be at least 900"
  ]],
  [
    "a header that is none",
    json({ ...dev, mode: "BearerToken", bearer_token: secret, bearer_token_header_key: "a b" }),
    [
      "bearer_token_header_key must be the name of an HTTP header"
    ]
  ],
  ["an address that is none", json({ ...dev, mode: "CredentialsURI", credentials_uri: secret }), [
    "(credentials_uri)",
    "http or https URL"
  ]],
  ["a region that is none", json({ ...dev, mode: "RamRoleArn", ram_role_arn: secret, sts_region: `${secret}/x` }), [
    "(sts_region)",
    "host name"
  ]],
  ["a private key that is none", json({ name: "dev", mode: "RsaKeyPair", key_pair_name: "a", private_key: secret }), [
    "(private_key)"
  ]],
  [
    "a source profile that does not exist",
    json({
      name: "dev",
      mode: "ChainableRamRoleArn",
      ram_role_arn: "a",
      source_profile: "gone"
    }),
    ["(source_profile)", "there is no profile \"gone\"; the file has \"dev\""]
  ]
]

describe("a config.json that cannot be used", () => {
  for (const [title, content, contains] of wholeFile) {
    it.scopedLive(`names the file and what is wrong: ${title}`, () =>
      Effect.gen(function*() {
        for (const named of [false, true]) {
          const [{ file }, error] = yield* fail(content, { named })
          assert.strictEqual(error._tag, "InvalidConfig")
          for (const text of [file, ...contains]) assert.include(error.message, text)
        }
      }))
  }

  for (const [title, content, contains] of oneProfile) {
    it.scopedLive(`names file, profile and field: ${title}`, () =>
      Effect.gen(function*() {
        const [{ file }, error] = yield* fail(content)
        assert.strictEqual(error._tag, "InvalidConfig")
        for (const text of [`${file} profile "dev"`, ...contains]) assert.include(error.message, text)
      }))
  }

  it.scopedLive("is not there: absent by default, wrong when it was named", () =>
    Effect.gen(function*() {
      const nothing = (): void => undefined
      const dangling = ({ file }: Place): void => NodeFs.symlinkSync("/nowhere/config.json", file)
      for (const content of [nothing, dangling]) {
        const [{ file }, absent] = yield* fail(content)
        assert.strictEqual(absent._tag, "SourceUnavailable")
        assert.include(absent.message, `there is no file ${file}. Run \`alicloud-credentials login\``)
        const [named, wrong] = yield* fail(content, { named: true })
        assert.strictEqual(wrong._tag, "InvalidConfig")
        assert.include(wrong.message, `${named.file}: it does not exist`)
      }
    }))

  it.effect("may not be read", () =>
    Effect.gen(function*() {
      const denied = (path: string) =>
        new SystemError({ module: "FileSystem", method: "open", reason: "PermissionDenied", pathOrDescriptor: path })
      const error = yield* errorOf(
        Effect.flatMap(CliProfile.make({ configFile: "/config.json" }), (source) => source.get).pipe(
          Effect.provide(Layer.mergeAll(
            NodePlatform.layer,
            noNetwork,
            FileSystem.layerNoop({ stat: denied, open: denied })
          ))
        )
      )
      assert.strictEqual(error._tag, "InvalidConfig")
      assert.include(error.message, "/config.json: it may not be read")
    }))

  it.scopedLive("has no profile of the chosen name", () =>
    Effect.gen(function*() {
      const content = json(dev, { ...dev, name: "prod" })
      for (const profileName of ["staging", "__proto__", "constructor", "toString", "DEV", "0", "name"]) {
        const [{ file }, error] = yield* fail(content, { profileName })
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.include(error.message, `${file}: there is no profile "${profileName}"; the file has "dev", "prod"`)
      }
    }))

  it.scopedLive("has names that would change how a message shows", () =>
    Effect.gen(function*() {
      const names = [
        "a\u001B[2Jb",
        "line\nfeed",
        "tab\t",
        "nul\0",
        "\u202Etxt.exe",
        "zero\u200Bwidth",
        "\uD800",
        "q\"q"
      ]
      const content = JSON.stringify({ profiles: names.map((name) => ({ ...dev, name, mode: 5 })) })
      for (const profileName of names) {
        const [, error] = yield* fail(content, { profileName })
        assert.include(error.message, "mode must be a string, not number")
      }
      const [, error] = yield* fail(content, { profileName: "x\u001B[2J" })
      assert.include(error.message, "no profile \"x\\u{1b}[2J\"; the file has \"a\\u{1b}[2Jb\", \"line\\u{a}feed\"")
    }))

  it.scopedLive("has a name of a million characters", () =>
    Effect.gen(function*() {
      const [, error] = yield* fail(json({ ...dev, name: "n".repeat(1_000_000), mode: "x" }))
      assert.isBelow(error.message.length, 700)
    }))

  it.scopedLive("leads in a circle, whose path is printed", () =>
    Effect.gen(function*() {
      const link = (name: string, source: string): object => ({
        name,
        mode: "ChainableRamRoleArn",
        ram_role_arn: "a",
        source_profile: source
      })
      const [, three] = yield* fail(json(link("b", "c"), link("c", "a"), link("a", "b")))
      assert.include(three.message, "source_profile leads back to itself: \"a\" -> \"b\" -> \"c\" -> \"a\"")
      const [, one] = yield* fail(json(link("a", "a")))
      assert.include(one.message, "\"a\" -> \"a\"")
      const [, tail] = yield* fail(json(link("b", "c"), link("c", "b"), link("a", "b")))
      assert.include(tail.message, "\"a\" -> \"b\" -> \"c\" -> \"b\"")
      const [, odd] = yield* fail(json(link("__proto__", "constructor"), link("constructor", "__proto__")))
      assert.include(odd.message, "\"constructor\" -> \"__proto__\" -> \"constructor\"")
    }))

  it.scopedLive("leads through a thousand profiles to one that is missing", () =>
    Effect.gen(function*() {
      const links = Array.from({ length: 1000 }, (_, n) => ({
        name: `p${n}`,
        mode: "ChainableRamRoleArn",
        ram_role_arn: "a",
        source_profile: `p${n - 1}`
      }))
      const [, error] = yield* fail(json(...links))
      assert.include(error.message, "there is no profile \"p-1\"")
    }))
})
