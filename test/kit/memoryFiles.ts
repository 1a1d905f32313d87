import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { Clock, Effect, Option } from "effect"
import { openedFile } from "./world.ts"

interface Node {
  text: string
  mtime: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export type Method =
  | "open"
  | "writeAll"
  | "sync"
  | "link"
  | "rename"
  | "remove"
  | "readFile"
  | "stat"
  | "utimes"
  | "chown"

/** What an operation is to fail with, or nothing. */
export type Fault = (
  method: Method,
  path: string
) => PlatformError.SystemErrorReason | { readonly code: string } | undefined

export const systemError = (
  method: string,
  reason: PlatformError.SystemErrorReason,
  path: string,
  cause?: unknown
): PlatformError.SystemError =>
  new PlatformError.SystemError({ reason, module: "FileSystem", method, pathOrDescriptor: path, cause })

/** Files in memory, whose times are the clock's. Every operation takes a turn of the event loop's microtasks. */
export interface MemoryFiles {
  readonly fileSystem: FileSystem.FileSystem
  readonly names: () => ReadonlyArray<string>
  readonly textOf: (path: string) => string | undefined
  readonly modeOf: (path: string) => number | undefined
  readonly mtimeOf: (path: string) => number | undefined
  readonly uidOf: (path: string) => number | undefined
  readonly gidOf: (path: string) => number | undefined
  readonly put: (
    path: string,
    text: string,
    options?: { readonly mtime?: number; readonly uid?: number; readonly gid?: number }
  ) => void
  readonly drop: (path: string) => void
  readonly log: Array<string>
  fault: Fault
}

export const make = (): MemoryFiles => {
  const nodes = new Map<string, Node>()
  const log: Array<string> = []
  const files: MemoryFiles = {
    fileSystem: undefined as never,
    names: () => Array.from(nodes.keys()),
    textOf: (path) => nodes.get(path)?.text,
    modeOf: (path) => nodes.get(path)?.mode,
    mtimeOf: (path) => nodes.get(path)?.mtime,
    uidOf: (path) => nodes.get(path)?.uid,
    gidOf: (path) => nodes.get(path)?.gid,
    put: (path, text, options) => {
      nodes.set(path, {
        text,
        mtime: options?.mtime ?? 0,
        mode: 0o644,
        uid: options?.uid ?? 1000,
        gid: options?.gid ?? 100
      })
    },
    drop: (path) => {
      nodes.delete(path)
    },
    log,
    fault: () => undefined
  }
  const run = <A>(method: Method, path: string, body: (now: number) => A | PlatformError.SystemError) =>
    Effect.zipRight(
      Effect.yieldNow(),
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        log.push(`${method} ${path}`)
        const fault = files.fault(method, path)
        if (fault !== undefined) {
          return typeof fault === "string"
            ? systemError(method, fault, path)
            : systemError(method, "Unknown", path, Object.assign(new Error("failed"), fault))
        }
        const result = body(now)
        return result instanceof PlatformError.SystemError ? result : Effect.succeed(result)
      })
    )
  const withNode = <A>(method: Method, path: string, body: (node: Node, now: number) => A) =>
    run(method, path, (now) => {
      const node = nodes.get(path)
      return node === undefined ? systemError(method, "NotFound", path) : body(node, now)
    })
  const info = (node: Node): FileSystem.File.Info => ({
    type: "File",
    mtime: Option.some(new Date(node.mtime)),
    atime: Option.none(),
    birthtime: Option.none(),
    dev: 0,
    ino: Option.none(),
    mode: node.mode,
    nlink: Option.none(),
    uid: Option.some(node.uid),
    gid: Option.some(node.gid),
    rdev: Option.none(),
    size: FileSystem.Size(new TextEncoder().encode(node.text).length),
    blksize: Option.none(),
    blocks: Option.none()
  })
  const create = (path: string, options: FileSystem.OpenFileOptions | undefined) =>
    run("open", path, (now): FileSystem.File | PlatformError.SystemError => {
      if (options?.flag !== "wx") return systemError("open", "BadResource", path)
      if (nodes.has(path)) return systemError("open", "AlreadyExists", path)
      const node: Node = { text: "", mtime: now, mode: options.mode ?? 0o666, uid: 1000, gid: 100 }
      nodes.set(path, node)
      return {
        writeAll: (bytes) =>
          run("writeAll", path, () => {
            node.text += new TextDecoder().decode(bytes)
          }),
        sync: run("sync", path, () => undefined)
      } as FileSystem.File
    })
  const fileSystem = FileSystem.makeNoop({
    open: (path, options) =>
      options?.flag === "r"
        ? withNode("readFile", path, (node) => openedFile(new TextEncoder().encode(node.text), info(node)))
        : create(path, options),
    link: (from, to) =>
      withNode("link", from, (node) => {
        if (nodes.has(to)) return systemError("link", "AlreadyExists", to)
        nodes.set(to, node)
        return undefined
      }) as Effect.Effect<void, PlatformError.PlatformError>,
    rename: (from, to) =>
      withNode("rename", from, (node) => {
        nodes.delete(from)
        nodes.set(to, node)
      }),
    remove: (path) =>
      withNode("remove", path, () => {
        nodes.delete(path)
      }),
    stat: (path) => withNode("stat", path, info),
    realPath: (path) => Effect.as(withNode("stat", path, () => undefined), path),
    utimes: (path, _, mtime) =>
      withNode("utimes", path, (node) => {
        node.mtime = typeof mtime === "number" ? mtime * 1000 : mtime.getTime()
      }),
    chown: (path, uid, gid) =>
      withNode("chown", path, (node) => {
        nodes.set(path, { ...node, uid, gid })
      }),
    readDirectory: (folder) => Effect.sync(() => Array.from(nodes.keys(), (path) => path.slice(folder.length + 1)))
  })
  return Object.assign(files, { fileSystem })
}
