// Checks the tarball, not the tree: packs it, lints it as a package, checks how its types resolve, installs
// it into an empty project with no compiler and no scripts, and runs the smoke programs there: with the native
// code that came along, with that forbidden, and with none that fits.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { runSmoke } from "./run-smoke.mjs";
import { backendsOf, withoutCompiler } from "./pack-native.mjs";

const root = path.resolve(import.meta.dirname, "..");
const work = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-pack-"));
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));

spawnSync(process.execPath, ["scripts/prebuild.mjs"], {
  cwd: root,
  stdio: "inherit",
});
const [packed] = JSON.parse(
  execFileSync(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", work],
    {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    },
  ),
);
const tarball = path.join(work, packed.filename);
console.log(
  `${packed.filename}: ${packed.entryCount} files, ${Math.round(packed.size / 1024)} KiB`,
);

const app = path.join(work, "app");
fs.mkdirSync(app);
fs.writeFileSync(path.join(app, "package.json"), '{ "private": true }\n');

step(
  "publint",
  "npx",
  ["--no-install", "publint", "run", tarball, "--strict"],
  root,
);
step(
  "attw",
  "npx",
  ["--no-install", "attw", tarball, "--profile", "node16"],
  root,
);
const env = withoutCompiler(path.join(work, "bin"));
step(
  "install, with no compiler and no scripts",
  path.join(work, "bin/npm"),
  ["install", "--ignore-scripts", "--no-audit", "--no-fund", tarball],
  app,
  env,
);
fs.cpSync(path.join(root, "test/smoke"), app, { recursive: true });
writeConsumers();
step("types", path.join(root, "node_modules/.bin/tsc"), ["-p", "."], app);

const installed = path.join(app, "node_modules/node-eio");
const { scripts = {} } = JSON.parse(
  fs.readFileSync(path.join(installed, "package.json"), "utf8"),
);
for (const name of ["preinstall", "install", "postinstall"])
  if (name in scripts) fail(`the package has an ${name} script`);
const has = packed.files.some(({ path }) => path.endsWith("node-eio.node"));
if (has) smoke("with native code", env, /^uring$|^nowait$/, null);
else console.log("native code: not checked (this machine has made none)");
const forbidden = { ...env, NODE_EIO_NATIVE: "off" };
smoke("native code forbidden", forbidden, /^pool$/, /forbidden/);
fs.rmSync(path.join(installed, "prebuilds"), { recursive: true, force: true });
smoke("no native code that fits", env, /^pool$/, /no binary for/);

/** The programs pass, and what `auto` took and why it took nothing else is as it should be. */
function smoke(what, env, backend, reason) {
  console.log(`smoke (installed from the tarball, ${what})`);
  if (!runSmoke(app, process.execPath, env)) process.exit(1);
  const found = backendsOf(app, env);
  const seen = JSON.stringify(found.backends);
  const { nowait, pool } = found.backends;
  if (!backend.test(found.backend) || !pool.available)
    fail(`${what}: auto took ${found.backend} of ${seen}`);
  if (reason === null ? !nowait.available : !reason.test(nowait.reason))
    fail(`${what}: the reasons are ${seen}`);
  console.log(`  auto takes ${found.backend}`);
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
        types: ["node"],
        typeRoots: [path.join(root, "node_modules/@types")],
      },
      files: ["esm.mts", "cjs.cts", "named.cts"],
    }),
  );
}

function step(name, command, args, cwd, env = process.env) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
  });
  if (status !== 0) {
    console.error(`${name} failed (status ${status})\n${stdout}${stderr}`);
    process.exit(1);
  }
  console.log(`${name}: ok`);
}
