// Runs the unit tests, or those of what is named: npm run test:unit -- src/engine native-aio test/api/working-directories
// What is no source goes on to vitest as it is, options too.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { testsOf } from "./support/tests-of.mjs";

const root = path.resolve(import.meta.dirname, "..");
const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
const filters = process.argv.slice(2).map((one) => testsOf(root, one));
const { status } = spawnSync(process.execPath, [vitest, "run", ...filters], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
