// Puts mistakes into a copy of the sources, one at a time, and has the test run that is to notice each. It knows the
// table of mistakes (table.mjs) and how much is to be built again for one; it never touches the working tree.
//
// Usage: npm run test:mutation [-- --slice 1/12] [--only TEXT] [--for SECONDS]
// After so many seconds no further one is begun.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { obtainRuntime } from "../../bench/support/runtimes.mjs";
import { mutations } from "./table.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: {
    slice: { type: "string", default: "1/1" },
    only: { type: "string", default: "" },
    for: { type: "string", default: "Infinity" },
  },
});
const [part, parts] = values.slice.split("/").map(Number);
if (!(part >= 1 && part <= parts))
  throw new RangeError(`--slice ${values.slice}: 1/12 is the first of twelve`);

/** A test that hangs has noticed as well: it takes this long, and longer than its whole file where nothing is wrong. */
const HANGS_AFTER_MS = 20_000;
const HANGS_TIMES = 2;
/** Where nothing is wrong: a hook may compile, and a busy machine takes its time. */
const SOUND_MAX_MS = 120_000;
/** Until all of a run is ended, as a multiple of what one test may take. */
const RUN_TIMES = 6;
const OWN = `node${process.versions.node.split(".")[0]}`;
const copy = fs.mkdtempSync(path.join(os.tmpdir(), "eio-mutations-"));
// Tests that run as another user load it.
fs.chmodSync(copy, 0o755);
process.on("exit", () => fs.rmSync(copy, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => process.exit(1));
copyTree();

const sound = new Map();
const wrong = [];
let caught = 0;
let skipped = 0;
let begun = 0;
const startedMs = Date.now();
const chosen = mutations
  .filter((_, i) => i % parts === part - 1)
  .filter(({ file, test, name = "" }) =>
    `${file} ${test} ${name}`.includes(values.only),
  );
for (const mutation of chosen) {
  if (Date.now() - startedMs > Number(values.for) * 1000) break;
  begun++;
  const began = Date.now();
  const outcome = await tryOut(mutation);
  const line = `${mutation.file}: ${summary(mutation.from)} -> ${summary(mutation.to)}`;
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`${outcome.padEnd(9)} ${seconds.padStart(5)} s  ${line}`);
  if (outcome === "caught") caught++;
  else if (outcome.startsWith("skipped")) skipped++;
  else wrong.push(`${outcome}: ${line} (${mutation.test})`);
}
console.log(`${caught} caught of ${begun}, ${skipped} skipped`);
if (begun < chosen.length)
  console.log(
    `mutations: ${chosen.length - begun} not begun after ${values.for} s`,
  );
for (const line of wrong) console.log(line);
process.exitCode = wrong.length === 0 ? 0 : 1;

/** What git has, with changes not committed yet; what was built; and the packages, by links. */
function copyTree() {
  const { stdout } = spawnSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 },
  );
  const native = path.join(root, "native-aio/build");
  const built = [
    "dist",
    ...fs
      .readdirSync(path.join(root, "packages"))
      .map((name) => `packages/${name}/dist`),
    "native-aio/src/file-systems.gen.h",
    "native-aio/src/layout.gen.h",
    "native-aio/src/ops.gen.h",
    ...(fs.existsSync(native) ? fs.readdirSync(native) : [])
      .filter((name) => /^(Release|faults|objects-.*)$/.test(name))
      .map((name) => `native-aio/build/${name}`),
  ];
  for (const name of [...stdout.split("\0").filter(Boolean), ...built]) {
    const from = path.join(root, name);
    if (fs.existsSync(from))
      fs.cpSync(from, path.join(copy, name), {
        recursive: true,
        preserveTimestamps: true,
      });
  }
  // A folder of its own, for what tools keep in it.
  const packages = path.join(root, "node_modules");
  fs.mkdirSync(path.join(copy, "node_modules"));
  for (const name of fs.readdirSync(packages)) {
    if (name.startsWith(".vite")) continue;
    const [from, to] = [packages, path.join(copy, "node_modules")].map(
      (folder) => path.join(folder, name),
    );
    // The project's own packages are those of the copy: npm has them as relative links.
    if (/^(@node-eio|node-eio)$/.test(name))
      fs.cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    else fs.symlinkSync(from, to);
  }
}

async function tryOut(mutation) {
  const { file, from, to, test, name, runtime = OWN } = mutation;
  const full = path.join(copy, file);
  const text = fs.readFileSync(full, "utf8");
  if (text.split(from).length !== 2) return "no match";
  const { file: program, reason } = obtainRuntime(runtime);
  if (program === undefined) return `skipped (${reason})`;
  const key = `${runtime} ${test} ${name ?? ""}`;
  if (!sound.has(key)) sound.set(key, limitOf(test, name, program));
  const limitMs = sound.get(key);
  if (limitMs === undefined) return "fails";
  fs.writeFileSync(
    full,
    text.replace(from, () => to),
  );
  try {
    if (!(await rebuild(file, test))) return "no build";
    return passes(test, name, program, limitMs) ? "survived" : "caught";
  } finally {
    fs.writeFileSync(full, text);
    await rebuild(file, test);
  }
}

/** Tests import the sources; the worker and the addon are what they load built, and so is what programs import that they start. */
async function rebuild(file, test) {
  if (file.endsWith(".c")) {
    const { status } = inCopy(["scripts/build-native.mjs", "--required"]);
    return status === 0;
  }
  if (file === "scripts/support/bundle.mjs" || isBuilt(file, test))
    return inCopy(["scripts/build.mjs", "--js"]).status === 0;
  if (!/^(workers|src\/(ops|request|util))\//.test(file)) return true;
  await build({
    absWorkingDir: copy,
    entryPoints: ["workers/worker.ts"],
    outfile: path.join(copy, "dist/worker.cjs"),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  });
  return true;
}

/** Whether programs that the test starts, by itself or with a helper, have the file in dist. */
function isBuilt(file, test) {
  if (!/^(packages\/[^/]+\/)?src\//.test(file)) return false;
  const full = path.join(root, test);
  const texts = [full, ...helpersOf(full)].map((one) =>
    fs.readFileSync(one, "utf8"),
  );
  return texts.some((text) =>
    /"node:(child_process|worker_threads)"/.test(text),
  );
}

function helpersOf(file) {
  const imports = /from "(\.[^"]*\/helpers\/[^"]+|\.\/[^"]+)"/g;
  return [...fs.readFileSync(file, "utf8").matchAll(imports)]
    .map(([, name]) => path.resolve(path.dirname(file), name))
    .filter((name) => fs.existsSync(name));
}

/** How long one test of these may take where something is wrong; undefined: they fail where nothing is. */
function limitOf(test, name, program) {
  const began = performance.now();
  if (!passes(test, name, program, SOUND_MAX_MS)) return undefined;
  const took = performance.now() - began;
  return Math.max(HANGS_AFTER_MS, Math.ceil(took * HANGS_TIMES));
}

function passes(test, name, program, limitMs) {
  const args = [
    "node_modules/vitest/vitest.mjs",
    "run",
    test,
    ...(name === undefined ? [] : ["-t", name]),
    "--bail=1",
    `--testTimeout=${limitMs}`,
    `--hookTimeout=${limitMs}`,
  ];
  return inCopy(args, program, limitMs * RUN_TIMES).status === 0;
}

function inCopy(args, program = process.execPath, limitMs = SOUND_MAX_MS) {
  const env = { ...process.env, EIO_WHOLE: "1" };
  delete env.EIO_TEST_RESULTS;
  // It ends the whole group: where the mistake makes a test spin, that is a process of its own.
  const limit = ["--signal=KILL", `${limitMs / 1000}`, program];
  return spawnSync("timeout", [...limit, ...args], {
    cwd: copy,
    env,
    stdio: "ignore",
  });
}

function summary(text) {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 60 ? `${line.slice(0, 57)}...` : line || "nothing";
}
