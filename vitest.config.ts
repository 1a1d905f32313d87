import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

const startsProcesses = /kit\/(?:bundles|children|runOnFake)|utils\/(?:clients|writers)|withCli|child_process/

const waits = ({ moduleId }: TestSpecification): boolean => startsProcesses.test(readFileSync(moduleId, "utf8"))

/** Files that wait for processes go first, so that none of them is still waiting when all others have ended. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    // oxlint-disable-next-line unicorn/no-array-sort -- not an array's
    const sorted = await super.sort(files)
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))]
  }
}

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "packages/*/examples/**/*.test.ts", "test/**/*.test.ts"],
    // Test files share no state, and loading Effect once per worker instead of once per file halves the run.
    isolate: false,
    // Much of the time goes to processes that tests start and wait for, so no core is kept back for Vitest itself.
    maxWorkers: availableParallelism(),
    sequence: { concurrent: true, sequencer: WaitingFirst },
    testTimeout: 60_000,
    globalSetup: "test/kit/bundleFolder.ts",
    // Of `pnpm unit --coverage`. What child processes run is not counted.
    coverage: { include: ["packages/credentials/src/**"], reporter: ["text"], reportOnFailure: true }
  }
})
