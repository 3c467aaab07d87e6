// The first hour of somebody who has just found this: docs/first-hour.md, typed word by word into an empty folder, with the packages from their tarballs.
// What a text shows as `...` may be anything. A container is a seccomp filter here, which refuses what theirs do.
// Usage: npm run test:first-hour
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { packAll } from "../../scripts/support/tarballs.mjs";
import { blocksOf, sameAs } from "./blocks.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const LIMIT_MS = 600_000;
const CONTAINER = /^docker run --rm -v "\$PWD:\/app" -w \/app node:\d+ /;

const work = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-first-hour-"));
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));
const home = path.join(work, "home");
fs.mkdirSync(home);
const [{ file: tarball }] = packAll(work);
const filter = makeFilter();

const text = fs.readFileSync(path.join(root, "docs/first-hour.md"), "utf8");
const tasks = blocksOf(text);
let failed = 0;
let cwd = home;
for (const { title, blocks } of tasks) {
  const problem = follow(blocks);
  if (problem !== null) failed++;
  console.log(
    problem === null ? `passed: ${title}` : `failed: ${title}\n${problem}`,
  );
}
console.log(`${tasks.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** null, or what was not as the document says. */
function follow(blocks) {
  for (const [i, { kind, name, body }] of blocks.entries()) {
    if (kind === "file") fs.writeFileSync(path.join(cwd, name), body);
    if (kind !== "commands") continue;
    const { status, output } = type(body);
    if (status !== 0) return `status ${status}\n${body}${output}`;
    const next = blocks[i + 1];
    if (next?.kind === "output" && !sameAs(next.body, output))
      return `${body}--- the document\n${next.body}--- here\n${output}`;
  }
  return null;
}

function type(commands) {
  const here = commands
    .split("\n")
    .map((line) =>
      line
        .replace(/^npm install node-eio$/, `npm install ${tarball}`)
        .replace(CONTAINER, `${filter} 1 `),
    )
    .join("\n");
  const { NODE_OPTIONS: _, NODE_EIO_BACKEND: __, ...env } = process.env;
  const where = path.join(work, "where");
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-e", "-c", `exec 2>&1\n${here}\npwd > ${where}`],
    {
      cwd,
      env: { ...env, CI: "1", NO_COLOR: "1", npm_config_loglevel: "error" },
      encoding: "utf8",
      timeout: LIMIT_MS,
    },
  );
  if (status === 0) cwd = fs.readFileSync(where, "utf8").trim();
  return { status, output: stdout + stderr };
}

/** A program that runs another one without io_uring, as containers do. */
function makeFilter() {
  const to = path.join(work, "deny");
  const source = path.join(root, "test/native/deny.c");
  const { status, stderr } = spawnSync("cc", ["-O1", "-o", to, source], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`no filter: ${stderr}`);
  return to;
}
