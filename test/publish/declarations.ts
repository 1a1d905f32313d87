/**
 * Whether the declarations of a packed package name only what its users can import, too: what they name otherwise, TypeScript
 * cannot write into the declarations of a user's library. Used by `main.ts`.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"

interface Published {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
}

interface Reference {
  readonly path: string
  /** `*` for all that the module exports. */
  readonly names: ReadonlyArray<string>
  /** `export … from` gives what it names a public place. */
  readonly exported: boolean
}

const namesIn = (clause: string): ReadonlyArray<string> => {
  const list = /\{(?<list>[^}]*)\}/.exec(clause)?.groups!["list"]
  if (list === undefined) return ["*"]
  return list.split(",").map((entry) => entry.trim().replace(/^type\s+/, "").replace(/\s+as\s.*$/s, ""))
    .filter((name) => name !== "")
}

const referencesIn = (declaration: string): ReadonlyArray<Reference> => {
  const code = declaration.replaceAll(/\/\*[\s\S]*?\*\//g, "")
  const statements = /^(?<kind>import|export)\b(?<clause>[^;]*?)\bfrom\s*"(?<path>\.[^"]*)"/gm
  const inline = /import\("(?<path>\.[^"]*)"\)(?:\.(?<name>\w+))?/g
  return [
    ...Array.from(code.matchAll(statements), ({ groups }) => ({
      path: groups!["path"]!,
      names: namesIn(groups!["clause"]!),
      exported: groups!["kind"] === "export"
    })),
    ...Array.from(code.matchAll(inline), ({ groups }) => ({
      path: groups!["path"]!,
      names: [groups!["name"] ?? "*"],
      exported: false
    }))
  ]
}

/**
 * What declarations name of closed modules, as sentences. A module is open when an entry of `exports` leads to it; a name
 * of a closed one is open when an open module exports it.
 */
export const leaksIn = (folder: string): ReadonlyArray<string> => {
  const { exports } = JSON.parse(Fs.readFileSync(Path.join(folder, "package.json"), "utf8")) as Published
  const targets = Object.values(exports).flatMap((target) => typeof target === "string" ? [] : [target.types])
  const isEntry = (file: string): boolean =>
    targets.some((target) => {
      const [before = "", after] = Path.normalize(target).split("*")
      return after === undefined ? file === before : file.startsWith(before) && file.endsWith(after)
    })
  const entries = Fs.readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".d.ts") && isEntry(file))
  const open = new Map(entries.map((file) => [file, new Set(["*"])]))
  const named: Array<readonly [by: string, file: string, name: string]> = []
  for (const file of open.keys()) {
    for (const { exported, names, path } of referencesIn(Fs.readFileSync(Path.join(folder, file), "utf8"))) {
      const target = Path.join(Path.dirname(file), path).replace(/(?:\.[jt]s)?$/, ".d.ts")
      if (exported) open.set(target, new Set([...(open.get(target) ?? []), ...names]))
      else for (const name of names) named.push([file, target, name])
    }
  }
  const isOpen = (file: string, name: string): boolean => {
    const names = open.get(file)
    return names !== undefined && (names.has("*") || names.has(name))
  }
  return [...new Set(named.flatMap(([by, file, name]) => isOpen(file, name) ? [] : [`${by} names ${name} of ${file}`]))]
}
