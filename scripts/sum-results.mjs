// Turns vitest's result file and the names of the steps that failed into one last line, and the exit status.
// Usage: node scripts/sum-results.mjs RESULTS.json [FAILED_STEP...]
import fs from "node:fs";

const [file, ...failedSteps] = process.argv.slice(2);
const { passed, failed, skipped, ran } = readResults(file);
// A failed test already fails the step "test": it counts once, as a test.
const otherSteps = failedSteps.filter(
  (name) => !(name === "test" && failed > 0),
);
if (otherSteps.length > 0)
  console.log(`failed steps: ${otherSteps.join(", ")}`);
if (!ran) console.log("there are no test results");
const allFailed =
  failed + otherSteps.length + (!ran && otherSteps.length === 0 ? 1 : 0);
console.log(`${passed} passed, ${allFailed} failed, ${skipped} skipped`);
process.exitCode = allFailed > 0 ? 1 : 0;

function readResults(file) {
  let results;
  try {
    results = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0, ran: false };
  }
  // A test file that could not be loaded has no failed test of its own.
  const unloaded = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" &&
      !assertionResults.some((test) => test.status === "failed"),
  ).length;
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloaded,
    skipped: results.numPendingTests + results.numTodoTests,
    ran: results.numTotalTests + unloaded > 0,
  };
}
