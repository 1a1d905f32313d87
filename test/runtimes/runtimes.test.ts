import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { run } from "../kit/run.ts"
import { mustHaveAll, type Runtime, runtimes } from "../kit/runtimes.ts"
import { assertRight, bundle, privateKey, world } from "./utils/scenario.ts"

const folder = Fs.mkdtempSync(Path.join(tmpdir(), "runtimes-"))

const file = Path.join(folder, "scenario.mjs")

const bundled = bundle("process").then((text) => Fs.writeFileSync(file, text))

const ofProcess = {
  "Environment, of the process": {
    tag: "Sts",
    type: "sts",
    providerName: "env",
    accessKeyId: "LTAI5tProcess",
    expires: false,
    whole: true
  }
}

/** They wait most of the time, but none of them must wait too long for a processor. */
const inTurn = Effect.unsafeMakeSemaphore(3).withPermits(1)

const scenario = ({ args, name, program }: Runtime) =>
  Effect.gen(function*() {
    if (program === undefined) return yield* Effect.dieMessage(`${name} is not installed`)
    const { httpPort, httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
    yield* Effect.promise(() => bundled)
    const env = {
      HOME: folder,
      DENO_DIR: Path.join(folder, "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      DO_NOT_TRACK: "1",
      ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tProcess",
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t-of-the-pair",
      ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t-token",
      SCENARIO_CLOUD: httpUrl,
      SCENARIO_PRIVATE_KEY: privateKey
    }
    const { code, stderr, stdout } = yield* run(program, [...args(httpPort), file], { cwd: folder, env })
    assert.strictEqual(code, 0, stderr)
    yield* assertRight({ out: stdout, err: stderr }, ofProcess)
  }).pipe(Effect.provide(FakeAlicloudServer.layer(world)), Effect.scoped, inTurn)

describe("the sources on", () => {
  afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

  for (const runtime of runtimes) {
    const isMissing = runtime.program === undefined && !mustHaveAll
    const reason = isMissing ? ", which is not installed: .ci/run installs it" : ""
    it.live.skipIf(isMissing)(`${runtime.name}${reason}`, () => scenario(runtime), 240_000)
  }
})
