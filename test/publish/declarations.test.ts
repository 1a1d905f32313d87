import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { makeFolder } from "../kit/children.ts"
import { leaksIn } from "./declarations.ts"

const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    const file = Path.join(folder, name)
    Fs.mkdirSync(Path.dirname(file), { recursive: true })
    Fs.writeFileSync(file, text)
  }
}

const exports = { "./A": { types: "./dist/A.d.ts" }, "./unstable/*": { types: "./dist/unstable/*.d.ts" } }

describe("the check of published declarations", () => {
  it.scoped("finds what users cannot import, however it is named", () =>
    Effect.gen(function*() {
      const folder = yield* makeFolder("declarations-")
      write(folder, {
        "package.json": JSON.stringify({ exports }),
        "dist/A.d.ts": `
import type { Open, Closed as Other } from "./internal/b.ts"
import type * as c from "./internal/c.ts"
import type { Shared } from "./unstable/Shared.ts"
export type { Open } from "./internal/b.ts"
export declare const a: import("./internal/d.ts").Inline
/** Not code: import("./internal/e.ts").Comment */
`,
        "dist/internal/b.d.ts": `export interface Open {}\nexport interface Closed {}`,
        "dist/unstable/Shared.d.ts": `import type { Deep } from "../internal/b.ts"`
      })
      assert.sameMembers([...leaksIn(folder)], [
        "dist/A.d.ts names Closed of dist/internal/b.d.ts",
        "dist/A.d.ts names * of dist/internal/c.d.ts",
        "dist/A.d.ts names Inline of dist/internal/d.d.ts",
        "dist/unstable/Shared.d.ts names Deep of dist/internal/b.d.ts"
      ])
    }))
})
