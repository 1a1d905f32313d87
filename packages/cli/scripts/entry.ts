/**
 * The entry of the bundle: runs the chunks, and spares V8 compiling them every time, which is most of what it takes to
 * start them.
 *
 * CPU time of `get --format json` from variables, on Node.js 20.20 and 24.21, the least of 15 runs by turns (without any
 * program: 32 and 38 ms; a script with the official client: 94 and 106 ms):
 *
 * - compiled every time: 194 and 208 ms
 * - `module.enableCompileCache()`, which Node.js 20 does not have: 194 and 189 ms
 * - this: 100 and 115 ms, so there is no other mechanism
 *
 * A run that ends well keeps the compiled code beside the chunks: whoever can write there could change them just as
 * well. Where that is not possible, or what was kept is damaged or of another V8, the start only takes longer.
 */
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Script } from "node:vm"
import { crc32 } from "node:zlib"

/** The name of the main chunk. The build puts it in. */
declare const MAIN: string

/** The files of the chunks that are in one of another name. The build puts them in, too. */
declare const FILES: Readonly<Record<string, string>>

/** V8 takes only what was compiled by the same version with the same flags. */
const flags = crc32([...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].join(" ")).toString(36)

const keptFolder = join(__dirname, "compiled", `${process.arch}-${process.versions.v8}-${flags}`)

/** Compiled code behind its checksum, for V8 itself hardly looks at what it is given. */
const readKept = (name: string): Buffer | undefined => {
  try {
    const bytes = readFileSync(join(keptFolder, name))
    return bytes.readUInt32LE(0) === crc32(bytes.subarray(4)) ? bytes.subarray(4) : undefined
  } catch {
    return undefined
  }
}

const writeKept = (name: string, code: Buffer): void => {
  const part = join(keptFolder, `${name}.${process.pid}`)
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(code))
  try {
    writeFileSync(part, Buffer.concat([sum, code]), { mode: 0o644 })
    renameSync(part, join(keptFolder, name))
  } finally {
    rmSync(part, { force: true })
  }
}

type Chunk = (require: (name: string) => unknown, module: { readonly exports: object }) => void

const scripts = new Map<string, Script>()
const chunks: Record<string, Chunk> = {}
const modules = new Map<string, { readonly exports: object }>()
let isNew = false

/** Adds the chunks of a file. */
const read = (file: string): void => {
  const filename = join(__dirname, "chunks", file)
  const cachedData = readKept(file)
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData })
  isNew ||= cachedData === undefined || script.cachedDataRejected === true
  scripts.set(file, script)
  Object.assign(chunks, script.runInThisContext())
}

/** What chunks have as `require`. */
const load = (name: string): unknown => {
  if (!name.startsWith("./")) {
    return require(name)
  }
  let module = modules.get(name)
  if (module === undefined) {
    if (!(name in chunks)) {
      read(FILES[name] ?? name.slice(2))
    }
    module = { exports: {} }
    modules.set(name, module)
    chunks[name]!(load, module)
  }
  return module.exports
}

process.on("exit", (code) => {
  if (isNew && code === 0) {
    try {
      mkdirSync(keptFolder, { recursive: true, mode: 0o755 })
      accessSync(keptFolder, constants.W_OK)
      // All of them, as each has more compiled code now than when it was kept.
      scripts.forEach((script, name) => writeKept(name, script.createCachedData()))
    } catch {
      // Then the next start takes as long as this one.
    }
  }
})

read("start.js")
load(MAIN)
