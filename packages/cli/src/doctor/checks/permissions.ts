/** The check of `doctor` for files with secrets that other users can read or change. */
import { isKeyFile } from "@effect-alicloud/credentials/unstable/CliConfigProfile"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as TextFile from "@effect-alicloud/credentials/unstable/TextFile"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { ConfigFile } from "../../internal/configFile.ts"
import { profileOf } from "../../internal/configFile.ts"
import { shellWord } from "../../internal/shell.ts"
import * as messages from "../../messages/doctor.ts"
import { keyFilesIn } from "../credentialsFile.ts"
import type { Places } from "../places.ts"
import { isFile } from "../places.ts"
import type { Finding } from "./Finding.ts"

/** The permissions that others must not have on a file, and the command that removes them. */
interface Rule {
  readonly forbidden: number
  readonly chmod: string
  readonly message: (mode: number) => string
}

const secret: Rule = { forbidden: 0o077, chmod: "600", message: messages.readable }

/** Kubernetes lets the group of a pod read its tokens. */
const token: Rule = { forbidden: 0o022, chmod: "go-w", message: messages.replaceable }

const folder: Rule = { forbidden: 0o022, chmod: "go-w", message: messages.folderReplaceable }

const keyFilesOf = (config: ConfigFile): ReadonlyArray<string> =>
  config.entries.flatMap((entry) => {
    const profile = profileOf(entry)
    const key = profile?.mode === "RsaKeyPair" ? Redacted.value(profile.private_key) : ""
    return isKeyFile(key) ? [key] : []
  })

/** The files that these sources read, and the key files that are named in them. */
const filesOf: (config: ConfigFile, found: Places) => Effect.Effect<
  ReadonlyMap<string, Rule>,
  never,
  FileSystem.FileSystem
> = Effect.fnUntraced(function*(config, found) {
  const files = Array.from(found, ([source, places]) => ({
    source,
    paths: places.filter(isFile).map(({ path }) => path)
  }))
  const inIni = yield* Effect.forEach(
    files.filter(({ source }) => source === "CredentialsFile").flatMap(({ paths }) => paths),
    keyFilesIn
  )
  const keyFiles = yield* Effect.forEach(
    [...(found.has("CliProfile") ? keyFilesOf(config) : []), ...inIni.flat()],
    TextFile.expandHome
  )
  return new Map([
    ...files.flatMap(({ paths, source }) =>
      paths.map((path) => [path, source === "OidcRoleArn" ? token : secret] as const)
    ),
    ...keyFiles.map((path) => [path, secret] as const)
  ])
})

/** Who else may read or change the files that hold secrets, and their folders. Windows has no such modes. */
export const check: (config: ConfigFile, places: Places) => Effect.Effect<
  ReadonlyArray<Finding>,
  never,
  FileSystem.FileSystem | Path.Path
> = Effect.fnUntraced(function*(config, places) {
  if (process.platform === "win32") {
    return []
  }
  const fs = yield* FileSystem.FileSystem
  const { dirname } = yield* Path.Path
  const stats = yield* Effect.forEach(yield* filesOf(config, places), ([path, rule]) =>
    Effect.map(
      Effect.option(fs.stat(path)),
      (info) => Option.map(Option.filter(info, ({ type }) => type === "File"), ({ mode }) => ({ path, rule, mode }))
    ))
  const found = stats.flatMap(Option.toArray)
  const folders = yield* Effect.forEach(
    new Set(found.filter(({ rule }) => rule === secret).map(({ path }) => dirname(path))),
    (path) => Effect.map(Effect.option(fs.stat(path)), Option.map(({ mode }) => ({ path, rule: folder, mode })))
  )
  const findings = [...found, ...folders.flatMap(Option.toArray)].flatMap((
    { mode, path, rule }
  ): ReadonlyArray<Finding> =>
    // In a folder with the sticky bit users cannot replace the files of others.
    (mode & rule.forbidden) === 0 || (rule === folder && (mode & 0o1000) !== 0) ? [] : [{
      check: "permissions",
      level: "warning",
      subject: Text.path(path),
      message: rule.message(mode),
      fix: messages.chmod(rule.chmod, shellWord(Text.path(path)))
    }]
  )
  return findings.length > 0 || found.length === 0 ? findings : [{
    check: "permissions",
    level: "ok",
    subject: found.map(({ path }) => Text.path(path)).join(", "),
    message: messages.permissionsFine(found.length)
  }]
})
