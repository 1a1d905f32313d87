import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "packages/*/examples/**/*.test.ts", "test/**/*.test.ts"],
    // Test files share no state, and loading Effect once per worker instead of once per file halves the run.
    isolate: false,
    // Much of the time goes to processes that tests start and wait for, so no core is kept back for Vitest itself.
    maxWorkers: availableParallelism(),
    sequence: { concurrent: true },
    testTimeout: 60_000,
    globalSetup: "test/kit/bundleFolder.ts",
    // Of `pnpm unit --coverage`. What child processes run is not counted.
    coverage: { include: ["packages/credentials/src/**"], reporter: ["text"], reportOnFailure: true }
  }
})
