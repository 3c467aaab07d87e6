// Checks the tarballs, not the tree: packs the core and the packages beside it, lints them as packages, checks how their types
// resolve, installs them into an empty project with no compiler and no scripts, and runs the smoke programs there: with
// the native code that came along, with that forbidden, and with none that fits.
// Usage: node scripts/pack-check.mjs [--required]     --required: native code that the package promises has to be in it
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { runSmoke } from "./run-smoke.mjs";
import { backendsOf, withoutCompiler } from "./pack-native.mjs";
import { passedOn } from "./support/packages.mjs";
import { lackedBy, refusal } from "./support/prebuilds.mjs";
import { packAll } from "./support/tarballs.mjs";

/** Of the core's tarball: everybody who installs it waits for it. */
const PACKED_MAX_BYTES = 1_000_000;

const root = path.resolve(import.meta.dirname, "..");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-pack-"));
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));

const made = packAll(work);
const [packed] = made;
const names = packed.files.map(({ path }) => path);
const whole = packed.size + lackedBy(names).length * binaryBytes();
if (whole >= PACKED_MAX_BYTES)
  fail(
    `the tarball has ${packed.size} bytes, ${whole} with all binaries; ${PACKED_MAX_BYTES} is too much`,
  );
for (const page of pagesNamed())
  if (!names.includes(page)) fail(`${page} is named in it, and is not in it`);
const lacked = lackedBy(names);
if (process.argv.includes("--required") && lacked.length > 0)
  fail(refusal(lacked));
const tarballs = made.map(({ file }) => file);

const app = path.join(work, "app");
fs.mkdirSync(app);
fs.writeFileSync(path.join(app, "package.json"), '{ "private": true }\n');

// Beside the installation, which waits for disks and registries.
const linted = Promise.all([
  step("attw", process.execPath, [
    path.join(root, "scripts/support/attw.mjs"),
    ...tarballs,
  ]),
  lintPackages(),
]);
const env = withoutCompiler(path.join(work, "bin"));
await step(
  "install, with no compiler and no scripts",
  path.join(work, "bin/npm"),
  ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...tarballs],
  app,
  env,
);
fs.cpSync(path.join(root, "test/smoke"), app, { recursive: true });
writeConsumers();
await step("types", bin("tsc"), ["-p", "."], app);

await step(
  "one core behind every door",
  process.execPath,
  ["--eval", oneCore()],
  app,
);
await linted;

const installed = path.join(app, "node_modules/node-eio");
const { scripts = {} } = JSON.parse(
  fs.readFileSync(path.join(installed, "package.json"), "utf8"),
);
for (const name of ["preinstall", "install", "postinstall"])
  if (name in scripts) fail(`the package has an ${name} script`);
const has = names.some((name) => name.endsWith("node-eio.node"));
if (has) await smoke("with native code", env, /^uring$|^nowait$/, null);
else console.log("native code: not checked (this machine has made none)");
const forbidden = { ...env, NODE_EIO_NATIVE: "off" };
await smoke("native code forbidden", forbidden, /^pool$/, /forbidden/);
fs.rmSync(path.join(installed, "prebuilds"), { recursive: true, force: true });
await smoke("no native code that fits", env, /^pool$/, /no binary for/);

/** What one of the promised binaries takes in a tarball, by what was compiled here; 0 where nothing was. */
function binaryBytes() {
  const built = path.join(root, "native-aio/build/Release/node-eio.node");
  const stripped = path.join(work, "stripped.node");
  const { status } = spawnSync("strip", ["-o", stripped, built]);
  return status === 0 ? gzipSync(fs.readFileSync(stripped)).length : 0;
}

/** Pages that errors and declarations tell people to read. */
function pagesNamed() {
  const texts = names
    .filter((name) => /\.(?:cjs|d\.cts|js)$/.test(name))
    .map((name) => fs.readFileSync(path.join(root, name), "utf8"));
  return new Set(texts.join("\n").match(/\bdocs\/[\w-]+\.md\b/g));
}

/** The programs pass, and what `auto` took and why it took nothing else is as it should be. */
async function smoke(what, env, backend, reason) {
  console.log(`smoke (installed from the tarball, ${what})`);
  if (!(await runSmoke(app, process.execPath, env))) process.exit(1);
  const found = backendsOf(app, env);
  const seen = JSON.stringify(found.backends);
  const { nowait, pool } = found.backends;
  if (!backend.test(found.backend) || !pool.available)
    fail(`${what}: auto took ${found.backend} of ${seen}`);
  if (reason === null ? !nowait.available : !reason.test(nowait.reason))
    fail(`${what}: the reasons are ${seen}`);
  console.log(`  auto takes ${found.backend}`);
}

/** Each door that passes on a package gives what that gives, also to an ES module; none needs another core. */
function oneCore() {
  return `
    const assert = require("node:assert/strict");
    const { eio } = require("node-eio");
    (async () => {
      assert.equal((await import("node-eio")).eio, eio);
      for (const [door, { package: name, door: own }] of Object.entries(${JSON.stringify(passedOn)})) {
        const theirs = "@node-eio/" + (own === "index" ? name : name + "/" + own);
        const ours = require("node-eio/" + door);
        assert.deepEqual({ ...ours }, { ...require(theirs) });
        for (const [key, value] of Object.entries(await import("node-eio/" + door))) assert.equal(ours[key], value);
      }
      const cores = Object.keys(require.cache).filter((file) => /[\\\\/]node-eio[\\\\/]dist[\\\\/](core|index)\\.cjs$/.test(file));
      assert.equal(new Set(cores.map((file) => require("node:path").dirname(file))).size, 1);
    })();`;
}

function fail(why) {
  console.error(why);
  process.exit(1);
}

/** Programs in TypeScript, of both module systems: that they compile is what is checked. */
function writeConsumers() {
  fs.writeFileSync(
    path.join(app, "esm.mts"),
    `import promises, { readFile } from "node-eio/promises";
     import fs from "node-eio/fs";
     export const text: Promise<string> = readFile("file", "utf8");
     export const same: Promise<string> = promises.readFile("file", "utf8");
     fs.readFile("file", (_error, data: Buffer) => data.length);\n`,
  );
  fs.writeFileSync(
    path.join(app, "cjs.cts"),
    `import promises = require("node-eio/promises");
     import fs = require("node-eio/fs");
     export const text: Promise<string> = promises.readFile("file", "utf8");
     export const same: Promise<string> = fs.promises.readFile("file", "utf8");
     fs.readFile = fs.readFile;\n`,
  );
  fs.writeFileSync(
    path.join(app, "named.cts"),
    `import { createEio, type Eio } from "node-eio";
     import { readFile, type Stats } from "node-eio/fs";
     import promises = require("node-eio/promises");
     import connect from "node-eio/connect";
     export const eio: Eio = createEio();
     export const size = (stats: Stats): number => stats.size;
     export const open: Promise<promises.FileHandle> = promises.open("file");
     readFile("file", (_error, data: Buffer) => data.length);
     connect(".");\n`,
  );
  fs.writeFileSync(
    path.join(app, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        module: "nodenext",
        target: "es2022",
        strict: true,
        noEmit: true,
        // What belongs to the compiler is not ours to check.
        skipDefaultLibCheck: true,
        types: ["node"],
        typeRoots: [path.join(root, "node_modules/@types")],
      },
      files: ["esm.mts", "cjs.cts", "named.cts"],
    }),
  );
}

async function lintPackages() {
  for (const file of tarballs)
    await step(`publint ${path.basename(file)}`, bin("publint"), [
      "run",
      file,
      "--strict",
    ]);
}

function bin(name) {
  return path.join(root, "node_modules/.bin", name);
}

async function step(name, command, args, cwd = root, env = process.env) {
  const child = spawn(command, args, { cwd, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [status] = await once(child, "close");
  if (status !== 0) fail(`${name} failed (status ${status})\n${output}`);
  console.log(`${name}: ok`);
}
