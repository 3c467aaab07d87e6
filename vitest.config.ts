// How the tests run: real processes (the pool's workers live in them), two at a time, and a result file
// when a caller asks for one in EIO_TEST_RESULTS.
import { defineConfig } from "vitest/config";

const results = process.env.EIO_TEST_RESULTS;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: results ? ["default", "json"] : ["default"],
    ...(results ? { outputFile: { json: results } } : {}),
  },
});
