// Runs the tests of the native code on a build with sanitizers. Usage: npm run test:asan [-- FILTER...]
// argv: the sanitizers, and the runtime that has to be in the process from the start.
import { execFileSync, spawnSync } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const [sanitizers, runtime, ...filters] = process.argv.slice(2);
const compiler = process.env.CC ?? "gcc";
const out = path.join(root, `native-aio/build/${runtime}/node-eio.node`);
const build = spawnSync(
  process.execPath,
  ["scripts/build-native.mjs", "--required", `--out=${out}`],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      CC: compiler,
      EIO_CFLAGS: `-fsanitize=${sanitizers} -fno-omit-frame-pointer -O1 -DEIO_DEBUG`,
    },
  },
);
if (build.status !== 0) process.exit(1);
const library = execFileSync(compiler, [`-print-file-name=lib${runtime}.so`], {
  encoding: "utf8",
}).trim();
const tests = filters.length > 0 ? filters : ["test/native", "test/backends"];
const { status } = spawnSync("npx", ["vitest", "run", ...tests], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    LD_PRELOAD: library,
    NODE_EIO_NATIVE: out,
    // What the engine under us leaks at exit is not ours to report.
    ASAN_OPTIONS: "detect_leaks=0:halt_on_error=1:abort_on_error=0",
    UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
    TSAN_OPTIONS: "report_bugs=1:halt_on_error=0",
  },
});
process.exit(status ?? 1);
