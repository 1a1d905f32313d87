import { assert, describe, it } from "@effect/vitest"
import { complete, libraries, modulesOf, read, rootModulesOf } from "./manifests.ts"

describe("package.json", () => {
  for (const folder of libraries) {
    it(`of ${folder} has the entry points of its index, here and published: run \`pnpm manifests\``, () => {
      const manifest = read(folder)
      assert.deepStrictEqual(manifest, complete(folder, manifest))
    })

    it(`of ${folder} leaves no module at the root of src out`, () => {
      assert.includeMembers([...modulesOf(folder)], [...rootModulesOf(folder)])
    })
  }
})
