// Runs Node's own tests of the permission model and the file system under the register door: those that pass
// without it have to pass with it. Usage: node scripts/test-permission.mjs TREE [NODE]; scripts/conformance.mjs fetches
// each release's TREE into .node-tests. It knows how such a test is started, and none of them by name.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [tree, node = process.execPath] = process.argv.slice(2);
if (tree === undefined || !fs.existsSync(path.join(tree, "test/parallel"))) {
  console.error("usage: node scripts/test-permission.mjs TREE [NODE]");
  process.exit(2);
}
const root = path.resolve(import.meta.dirname, "..");
const folder = path.resolve(tree, "test/parallel");
const register = pathToFileURL(path.join(root, "dist/register.js")).href;
const permit = path.join(root, "scripts/support/permit.cjs");
/** What the door is made of; addons and workers are left to each test. */
const needed = ["dist", "node_modules", "native-aio", "package.json"]
  .map((name) => path.join(root, name))
  .concat(permit);
const runMaxMs = 60_000;

function run(file, preload) {
  const text = fs.readFileSync(path.join(folder, file), "utf8");
  const [, flags = ""] = /^\/\/ Flags: (.*)$/m.exec(text) ?? [];
  const env = { ...process.env, TEST_PARALLEL: "0", NODE_OPTIONS: "" };
  const args = flags.split(/\s+/).filter(Boolean);
  const limited = args.some((flag) =>
    /^--(?:experimental-)?permission$/.test(flag),
  );
  if (preload) {
    // Children inherit it, with permissions of their own.
    env.NODE_OPTIONS = `--require ${permit} --import ${register}`;
    env.EIO_PERMIT = needed.join(":");
    if (limited) args.push(...needed.map((name) => `--allow-fs-read=${name}`));
  }
  const ran = spawnSync(node, [...args, path.join(folder, file)], {
    cwd: path.resolve(tree),
    env,
    encoding: "utf8",
    timeout: runMaxMs,
    killSignal: "SIGKILL",
  });
  const skipped = ran.stdout.startsWith("1..0");
  return { passed: ran.status === 0, skipped, ran };
}

// Otherwise this package's own would say what kind of modules they are.
fs.writeFileSync(path.join(tree, "package.json"), '{"type":"commonjs"}\n');

const counts = { passed: 0, failed: 0, skipped: 0, notValid: 0 };
const files = fs
  .readdirSync(folder)
  .filter((name) => /^test-permission-(?:fs|drop-fs|has|audit-fs)/.test(name));
for (const file of files) {
  const plain = run(file, false);
  if (!plain.passed || plain.skipped) {
    counts[plain.passed ? "skipped" : "notValid"]++;
    console.log(`${plain.passed ? "skipped" : "not valid"}  ${file}`);
    if (process.env.EIO_VERBOSE) console.log(plain.ran.stderr.slice(0, 2000));
    continue;
  }
  const { passed, ran } = run(file, true);
  counts[passed ? "passed" : "failed"]++;
  if (!passed) console.log(`failed  ${file}\n${ran.stderr.slice(0, 2000)}`);
}
const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout;
console.log(
  `${version.trim()}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${counts.notValid} not valid`,
);
process.exitCode = counts.failed > 0 ? 1 : 0;
