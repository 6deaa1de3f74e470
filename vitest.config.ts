import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["server/**/*.test.ts", "test/**/*.test.ts"],
    pool: "forks",
    // Many tests wait for processes and timers more than they compute.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    coverage: {
      provider: "v8",
      include: ["server/**/*.ts"],
      exclude: ["**/*.test.ts"],
      reporter: ["text-summary", "json-summary", "lcovonly"],
      thresholds: { lines: 80, branches: 80 },
    },
  },
});
