import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "packages/*/examples/**/*.test.ts", "test/**/*.test.ts"],
    // Test files share no state, and loading Effect once per worker instead of once per file halves the run.
    isolate: false,
    sequence: { concurrent: true },
    testTimeout: 20_000,
    // Only with --coverage. What child processes run is not counted.
    coverage: { include: ["packages/credentials/src/**"], reporter: ["text"], reportOnFailure: true }
  }
})
