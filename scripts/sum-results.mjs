// Turns vitest's result file and the names of the steps that failed into the last lines, and the exit status:
// each test that failed with the start of its message, so that the end of a log is enough to know it, then the sums.
// Usage: node scripts/sum-results.mjs RESULTS.json [FAILED_STEP...]
import fs from "node:fs";
import path from "node:path";

const [file, ...failedSteps] = process.argv.slice(2);
const SHOWN_FAILURES = 12;
const SHOWN_LINES = 4;

const { passed, failed, skipped, ran, failures } = readResults(file);
// A failed test already fails the step "test": it counts once, as a test.
const otherSteps = failedSteps.filter(
  (name) => !(name === "test" && failed > 0),
);
for (const { name, message } of failures.slice(0, SHOWN_FAILURES)) {
  console.log(`FAILED ${name}`);
  for (const line of message.trim().split("\n").slice(0, SHOWN_LINES))
    console.log(`    ${line.slice(0, 200)}`);
}
if (failures.length > SHOWN_FAILURES)
  console.log(`and ${failures.length - SHOWN_FAILURES} more that failed`);
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
    return { passed: 0, failed: 0, skipped: 0, ran: false, failures: [] };
  }
  const failures = results.testResults.flatMap(failuresOf);
  return {
    passed: results.numPassedTests,
    failed: failures.length,
    skipped: results.numPendingTests + results.numTodoTests,
    ran: results.numTotalTests + failures.length > 0,
    failures,
  };
}

function failuresOf({ name, status, message, assertionResults }) {
  const file = path.relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === "failed");
  // A test file that could not be loaded has no failed test of its own.
  if (failed.length === 0)
    return status === "failed" ? [{ name: file, message }] : [];
  return failed.map(({ fullName, failureMessages }) => ({
    name: `${file}: ${fullName}`,
    message: failureMessages.join("\n"),
  }));
}
