// Runs the tests and the stress of the native code on a build with sanitizers, and fails on every report that
// names our code. Usage: npm run test:asan [-- FILTER...]; EIO_STRESS_ROUNDS says how much stress (0: none).
// argv: the sanitizers, and the runtime that has to be in the process from the start.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const [sanitizers, runtime, ...filters] = process.argv.slice(2);
const compiler = process.env.CC ?? "gcc";
const rounds = process.env.EIO_STRESS_ROUNDS ?? "20";
const inFlight = "10000";
const { stdout: library, error } = spawnSync(
  compiler,
  [`-print-file-name=lib${runtime}.so`],
  { encoding: "utf8" },
);
if (error || !path.isAbsolute(library.trim())) {
  console.log(`skipped: ${compiler} with lib${runtime} is not to be had here`);
  process.exit(77);
}
const out = path.join(root, `native-aio/build/${runtime}/node-eio.node`);
const built = run(
  [process.execPath, "scripts/build-native.mjs", "--required", `--out=${out}`],
  {
    CC: compiler,
    EIO_CFLAGS: `-fsanitize=${sanitizers} -fno-omit-frame-pointer -O1 -DEIO_DEBUG -DEIO_FAULTS`,
  },
);
if (!built) process.exit(1);

const logs = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-reports-"));
const log = `log_path=${path.join(logs, "report")}`;
const sanitized = {
  LD_PRELOAD: library.trim(),
  NODE_EIO_NATIVE: out,
  ASAN_OPTIONS: `${log}:detect_leaks=1:quarantine_size_mb=64`,
  // Leaks of other addons are sorted out below, and are no failure.
  LSAN_OPTIONS: "exitcode=0",
  UBSAN_OPTIONS: `${log}:halt_on_error=1:print_stacktrace=1`,
  // The stacks of what Node and V8 did with memory that was handed over are needed to recognize it.
  TSAN_OPTIONS: `${log}:exitcode=0:history_size=7:suppressions=${path.join(root, "native-aio/tsan-suppressions.txt")}`,
};
/** What is of the native code alone, and what of the rest has most of it. */
const usual = [
  "test/native",
  "test/backends",
  "test/api/watch-tree/fanotify.test.ts",
  "test/api/log/append-log.test.ts",
  "test/api/locks",
  "test/api/trees",
  "test/api/sys",
  "test/api/eio/readdirplus.test.ts",
  "test/api/eio/composites.test.ts",
  "test/api/files/copy-file.test.ts",
  "test/api/send-file/native.test.ts",
  "test/engine/lent-memory.test.ts",
];
const tests = filters.length > 0 ? filters : usual;
const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
// Everything takes several times as long.
const slow = "--testTimeout=180000";
const steps = [[process.execPath, vitest, "run", slow, ...tests]];
if (filters.length === 0 && rounds !== "0")
  steps.push(
    [process.execPath, "test/stress/run.mjs", "endings", rounds, inFlight],
    [process.execPath, "test/stress/run.mjs", "cycles", "200"],
    [process.execPath, "test/stress/run.mjs", "crowd", "2", "2", "1000"],
  );
// Every step runs, whatever became of the one before.
const passed = steps.map((step) => run(step, sanitized));
const reports = sortedReports();
for (const text of [...reports.ours, ...reports.halves]) console.error(text);
console.log(
  `${runtime}: ${reports.ours.length} reports of ours, ${reports.halves.length} with one stack lost, ` +
    `${reports.handOvers} of hand-overs in JavaScript, ${reports.others} of others`,
);
process.exit(passed.every(Boolean) && reports.ours.length === 0 ? 0 : 1);

function run([command, ...args], env) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  return status === 0;
}

/** Sorts reports by origin. Those of others (V8, libuv, other addons) and of hand-overs are only counted. */
function sortedReports() {
  const reports = fs
    .readdirSync(logs)
    .map((name) => fs.readFileSync(path.join(logs, name), "utf8"))
    .flatMap((text) =>
      // One report each: a race, an error, a leak.
      text.split(/^(?=WARNING: Thread|==\d+==ERROR|(?:Direct|Indirect) leak)/m),
    )
    .filter((text) => /WARNING: Thread|ERROR: Add|leak of|error:/.test(text));
  fs.rmSync(logs, { recursive: true });
  const named = reports.filter(namesOurs);
  const handedOver = named.filter(
    (text) => isHandOver(text) || isFreedLater(text),
  );
  const certain = named.filter((text) => !handedOver.includes(text));
  const halves = certain.filter(isHalf);
  return {
    ours: certain.filter((text) => !halves.includes(text)),
    halves,
    handOvers: handedOver.length,
    others: reports.length - named.length,
  };
}

/** A leak belongs to the code that allocated it; any other report to whatever code is in its stack. */
function namesOurs(text) {
  // Rings are made by a raw system call, and libuv closes by one: the sanitizer does not see that the number
  // of a descriptor has come to mean another file.
  if (text.includes("Location is file descriptor") || isNumberAgain(text))
    return false;
  const stack = / leak of /.test(text) ? /^ +#1 .*$/m.exec(text)?.[0] : text;
  return /node-eio\.node|native-aio\/src/.test(stack ?? "");
}

/** The same where the location is not known: what is closed has the number of something that libuv opened, and has closed. */
function isNumberAgain(text) {
  const [later = "", earlier = ""] = stacksOf(text);
  return / #0 close /.test(later) && / #1 uv_/.test(earlier);
}

/**
 * V8 frees the caller's memory when native code is done with it, which JavaScript says. Were it not done with it, it would come
 * later than the free, and that is reported as a use after free.
 */
function isFreedLater(text) {
  const [later = ""] = stacksOf(text);
  return /#0 free /.test(later) && later.includes("BackingStore::~Backing");
}

/**
 * A race on a slot's data between JavaScript alone and native code, before or after which it was handed over. Atomics of
 * JavaScript do that, and where that side makes no call into native code the sanitizer does not see it
 * (see slot_enter in assertions.h). Copying only: memory that is freed is another matter.
 */
function isHandOver(text) {
  return stacksOf(text).some(
    (stack) =>
      /#0 mem(?:move|cpy|set|cmp) /.test(stack) &&
      / (?:v8|node)::/.test(stack) &&
      !/node-eio\.node|FunctionCallbackWrapper/.test(stack),
  );
}

/** A race whose other side can no longer be restored, so that it may be none. */
function isHalf(text) {
  return stacksOf(text).some((stack) => stack.includes("[failed to restore"));
}

/** The stacks of both sides of a race. */
function stacksOf(text) {
  return text.includes("WARNING: ThreadSanitizer: data race")
    ? text.split("\n\n").slice(0, 2)
    : [];
}
