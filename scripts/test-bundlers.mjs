// What is too heavy for the tests that always run: an application's webpack bundle finds worker and addon in the package beside it, or works alone
// and says what it lacks; and plain Jest requires every door. `npm run test:bundlers`; both tools are installed
// into a project of their own, which is kept in $EIO_APPS_DIR, by default below the system's temporary folder.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const home =
  process.env.EIO_APPS_DIR ?? path.join(os.tmpdir(), "node-eio-apps");
const project = path.join(home, "bundlers");
const tools = { jest: "^30", webpack: "^5" };
const NOT_HERE = 77;

const application = `
import { readFile } from "node-eio/promises";
import { eio } from "node-eio";
readFile(process.argv[2], "utf8").then((text) => {
  const { pool, threads, node } = eio.backends;
  console.log(JSON.stringify({ text, pool, threads, node }));
});
`;
const kinds = {
  "app.cjs": { output: { library: { type: "commonjs2" } } },
  "app.mjs": { output: { module: true }, experiments: { outputModule: true } },
};
const build = `
const webpack = require("webpack");
webpack(JSON.parse(process.argv[2]), (error, stats) => {
  if (error ?? stats.hasErrors()) throw error ?? new Error(stats.toString());
});
`;

const failure = install();
if (failure !== null) {
  console.log(`bundlers: skipped, ${failure}`);
  process.exit(NOT_HERE);
}
const checks = {
  ...Object.fromEntries(
    Object.keys(kinds).map((name) => [
      `webpack, ${name}`,
      () => checkBundle(name),
    ]),
  ),
  jest: checkJest,
};
let failed = 0;
for (const [name, check] of Object.entries(checks))
  try {
    check();
    console.log(`passed: ${name}`);
  } catch (error) {
    failed++;
    console.log(`failed: ${name}\n${error.message}`);
  }
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** null, or why the tools are not there. */
function install() {
  fs.mkdirSync(project, { recursive: true });
  const manifest = path.join(project, "package.json");
  const text = JSON.stringify({ private: true, dependencies: tools });
  if (!fs.existsSync(manifest) || fs.readFileSync(manifest, "utf8") !== text) {
    fs.writeFileSync(manifest, text);
    const ran = spawnSync(
      "npm",
      ["install", "--ignore-scripts", "--no-audit", "--no-fund"],
      { cwd: project, encoding: "utf8" },
    );
    if (ran.status !== 0) {
      fs.rmSync(manifest);
      return `they cannot be installed: ${ran.stderr.slice(-300)}`;
    }
  }
  link(project);
  return null;
}

/** The package is installed there, as a link. */
function link(folder) {
  const place = path.join(folder, "node_modules/node-eio");
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.rmSync(place, { force: true });
  fs.symlinkSync(root, place);
}

function checkBundle(name) {
  const place = fs.mkdtempSync(path.join(os.tmpdir(), "eio-webpack-"));
  try {
    const entry = path.join(project, "app.mjs");
    fs.writeFileSync(entry, application);
    fs.writeFileSync(path.join(project, "build.cjs"), build);
    const { output, experiments = {} } = kinds[name];
    const configuration = {
      ...{ mode: "production", target: "node20", entry, experiments },
      output: { path: place, filename: name, ...output },
    };
    execFileSync(
      process.execPath,
      ["build.cjs", JSON.stringify(configuration)],
      { cwd: project },
    );
    const available = { available: true };
    const alone = printedBy(place, name);
    assert.deepEqual(alone.node, available);
    assert.equal(alone.pool.reason, "the package piscina is not found");
    assert.match(alone.threads.reason, /^no native code: ./);
    link(place);
    const installed = printedBy(place, name);
    assert.deepEqual(installed.pool, available);
    const { addon } = nativeHere();
    assert.equal(installed.threads.available, addon);
  } finally {
    fs.rmSync(place, { recursive: true });
  }
}

function printedBy(place, name) {
  const data = path.join(place, "data");
  fs.writeFileSync(data, "content");
  const printed = execFileSync(process.execPath, [name, data], {
    cwd: place,
    encoding: "utf8",
  });
  const { text, ...backends } = JSON.parse(printed);
  assert.equal(text, "content");
  return backends;
}

/** Whether the package, unbundled, has its addon here. */
function nativeHere() {
  const program = `console.log(require("node-eio").eio.backends.threads.available)`;
  const printed = execFileSync(process.execPath, ["-e", program], {
    cwd: project,
    encoding: "utf8",
  });
  return { addon: printed.trim() === "true" };
}

function checkJest() {
  const tests = path.join(project, "__tests__");
  fs.mkdirSync(tests, { recursive: true });
  // Two, for each has the package as a module of its own.
  for (const name of ["first", "second"])
    fs.copyFileSync(
      path.join(root, "test/smoke/jest.cjs"),
      path.join(tests, `${name}.test.js`),
    );
  const { NODE_OPTIONS: _, ...env } = process.env;
  const ran = spawnSync(
    process.execPath,
    ["node_modules/jest/bin/jest.js", "--ci"],
    { cwd: project, env, encoding: "utf8" },
  );
  assert.equal(ran.status, 0, ran.stderr);
}
