import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as messages from "../../messages/doctor.ts"
import { profileOf } from "../configFile.ts"
import * as environment from "../environment.ts"
import type { Files } from "../places.ts"
import * as show from "../show.ts"
import type { Finding } from "./Finding.ts"

/** What others must not do with a file, and how to stop them. */
interface Rule {
  readonly forbidden: number
  readonly chmod: string
  readonly message: (mode: number) => string
}

const secret: Rule = { forbidden: 0o077, chmod: "600", message: messages.readable }

/** Kubernetes lets the group of a pod read its tokens. */
const token: Rule = { forbidden: 0o022, chmod: "go-w", message: messages.replaceable }

const folder: Rule = { forbidden: 0o022, chmod: "go-w", message: messages.folderReplaceable }

/** A key in a profile may be the key itself, which must not be taken for a path. */
const isPath = (text: string): boolean => text.length <= 1024 && !/[\r\n]|-----/.test(text)

const keyFiles = ({ config, credentials }: Files): ReadonlyArray<string> => [
  ...config.entries.flatMap((entry) => {
    const key = profileOf(entry)?.private_key
    const text = key === undefined ? "" : Redacted.value(key).trim()
    return isPath(text) && text !== "" ? [text] : []
  }),
  ...credentials.keyFiles
]

/** Who else may read or change the files that hold secrets, and their folders. Windows has no such modes. */
export const check = (files: Files, asks: (source: string) => boolean): Effect.Effect<
  ReadonlyArray<Finding>,
  never,
  FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function*() {
    if (process.platform === "win32") {
      return []
    }
    const fs = yield* FileSystem.FileSystem
    const { dirname } = yield* Path.Path
    const tokenFile = asks("OidcRoleArn") ? yield* environment.text("ALIBABA_CLOUD_OIDC_TOKEN_FILE") : undefined
    const secrets = [
      ...(asks("CliProfile") && files.config.path !== undefined ? [files.config.path] : []),
      ...(asks("CredentialsFile") && files.credentials.path !== undefined ? [files.credentials.path] : []),
      ...(asks("CliProfile") ? keyFiles(files) : [])
    ]
    const wanted = new Map<string, Rule>([
      ...(tokenFile === undefined ? [] : [[tokenFile, token] as const]),
      ...secrets.map((path) => [path, secret] as const)
    ])
    const stats = yield* Effect.forEach(wanted, ([path, rule]) =>
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
      // A folder with the sticky bit lets nobody replace the files of others.
      (mode & rule.forbidden) === 0 || (rule === folder && (mode & 0o1000) !== 0) ? [] : [{
        check: "permissions",
        level: "warning",
        subject: show.path(path),
        message: rule.message(mode),
        fix: messages.chmod(rule.chmod, show.word(show.path(path)))
      }]
    )
    return findings.length > 0 || found.length === 0 ? findings : [{
      check: "permissions",
      level: "ok",
      subject: found.map(({ path }) => show.path(path)).join(", "),
      message: messages.permissionsFine(found.length)
    }]
  })
