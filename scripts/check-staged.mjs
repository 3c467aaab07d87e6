// Formats and lints what is staged for a commit, and nothing else: npm run check:staged
// Prettier and clang-format mend the files, which are staged again; what ESLint finds has to be mended by hand.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const git = (...args) =>
  execFileSync("git", args, { cwd: root, encoding: "utf8" });
const listed = (...args) =>
  git("diff", "--name-only", "-z", "--diff-filter=ACMR", ...args)
    .split("\0")
    .filter((file) => file !== "");

const staged = listed("--cached");
const partly = staged.filter((file) => listed().includes(file));
if (partly.length > 0) {
  // To stage such a file again would stage the rest of it, too.
  console.error(`staged in part only: ${partly.join(", ")}`);
  process.exit(1);
}
const sources = staged.filter((file) => /\.[cm]?[jt]s$/.test(file));
const inC = staged.filter(
  (file) => /(?<!\.gen)\.[ch]$/.test(file) && file.startsWith("native-aio/"),
);

let failed = false;
run("prettier", ["--write", "--ignore-unknown", ...staged], staged);
run(
  "clang-format",
  ["-i", "--style=file:native-aio/.clang-format", ...inC],
  inC,
);
if (staged.length > 0) git("add", "--", ...staged);
run("eslint", sources, sources);
process.exitCode = failed ? 1 : 0;

function run(program, args, files) {
  if (files.length === 0) return;
  const own = path.join(root, "node_modules/.bin", program);
  const file = fs.existsSync(own) ? own : program;
  const { status, error } = spawnSync(file, args, {
    cwd: root,
    stdio: "inherit",
  });
  if (error?.code === "ENOENT") console.log(`${program}: not here, left out`);
  else if (status !== 0) failed = true;
}
