import { assert, describe, it } from "@effect/vitest"
import { complete, libraries, modulesOf, read, rootModulesOf } from "./manifests.ts"

type Target = string | { readonly types: string }

interface Manifest {
  readonly publishConfig: {
    readonly types: string
    readonly exports: Readonly<Record<string, Target>> & { readonly ".": Target }
    readonly typesVersions: unknown
  }
}

const typesOf = (target: Target): string | undefined => typeof target === "string" ? undefined : target.types

describe("package.json", () => {
  for (const folder of libraries) {
    it(`of ${folder} has the entry points of its index, here and published: run \`pnpm manifests\``, () => {
      const manifest = read(folder)
      assert.deepStrictEqual(manifest, complete(folder, manifest))
    })

    it(`of ${folder} tells TypeScript's node10 resolution, which does not read exports, the same entry points`, () => {
      const { publishConfig } = read(folder) as unknown as Manifest
      const { ".": root, ...entries } = publishConfig.exports
      assert.strictEqual(publishConfig.types, typesOf(root))
      const expected = Object.entries(entries).flatMap(([entry, target]) =>
        typesOf(target) === undefined ? [] : [[entry.slice(2), [typesOf(target)]]]
      )
      assert.deepStrictEqual(publishConfig.typesVersions, { "*": Object.fromEntries(expected) })
    })

    it(`of ${folder} leaves no module at the root of src out`, () => {
      assert.includeMembers([...modulesOf(folder)], [...rootModulesOf(folder)])
    })
  }
})
