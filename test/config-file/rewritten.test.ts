import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import * as NodeFs from "node:fs"
import { dev, json, resolve } from "./utils/realFile.ts"

describe("a config.json that another tool rewrites in place", () => {
  for (const half of ["", json(dev).slice(0, 40)]) {
    it.scopedLive(`is read when it is whole again, not as ${half === "" ? "an empty file" : "its first half"}`, () =>
      Effect.gen(function*() {
        for (const named of [false, true]) {
          const [, exit] = yield* resolve(({ file }) => {
            NodeFs.writeFileSync(file, half)
            setTimeout(() => NodeFs.writeFileSync(file, json(dev)), 50)
          }, { named })
          assert.isTrue(Exit.isSuccess(exit) && "accessKeyId" in exit.value && exit.value.accessKeyId === "LTAI5tDev")
        }
      }))
  }

  it.scopedLive("counts as it is when it stays so", () =>
    Effect.gen(function*() {
      const [, exit] = yield* resolve(({ file }) => NodeFs.writeFileSync(file, ""))
      assert.isTrue(Exit.isFailure(exit))
    }))
})
