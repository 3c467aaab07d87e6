// Node's own fs tests against the built package, each release's tests on that release:
// npm run conformance -- [RELEASE...] [--form promises,callback,register] [--backend auto,pool,nowait] [--tests RELEASE]
// [options of the harness, as --filter RE --jobs N --quiet]. The running release, all three forms and `auto` by default. --tests: those of
// another release, for one whose own are not to be had; a tree may be put into .node-tests/RELEASE by hand.
// What runs out of time has another try, by itself. A test is valid if plain Node passes it here: what fails is run again
// on plain Node, and does not count if it fails there too. The harness lives beside the project; EIO_CONFORMANCE says where, if elsewhere.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { obtainRuntime } from "../bench/support/runtimes.mjs";

const root = path.resolve(import.meta.dirname, "..");
const harness = path.resolve(
  root,
  process.env.EIO_CONFORMANCE ?? "../shared/conformance",
);
/** Status where nothing can run. */
const NOT_HERE = 77;

/** How the library stands in for node:fs: what the harness replaces, and with what. */
const forms = {
  promises: { api: "promises", subject: "conformance-subject.cjs" },
  callback: { api: "callback", subject: "conformance-subject.cjs" },
  register: { api: "promises", subject: "conformance-register.cjs" },
};
/** Releases whose own tests are not to be had run those of another. */
const testsOf = { 26: "24" };
/** What such a release needs for them: 26 warns where 24's tests look at every global. */
const optionsOf = { 26: "--no-experimental-webstorage" };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    form: { type: "string", default: Object.keys(forms).join() },
    backend: { type: "string", default: "auto" },
    tests: { type: "string" },
    filter: { type: "string", default: "" },
    jobs: { type: "string", default: "2" },
    repeat: { type: "string", default: "1" },
    quiet: { type: "boolean", default: false },
  },
});
const running = process.versions.node.split(".")[0];
const releases = positionals.length > 0 ? positionals : [running];

if (!fs.existsSync(path.join(harness, "conformance.mjs")))
  leave(`no harness at ${harness} (set EIO_CONFORMANCE)`, 2);
if (!fs.existsSync(path.join(root, "dist/promises.js")))
  leave("no dist/promises.js; run npm run build first", 2);

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "conformance-"));
process.on("exit", () => fs.rmSync(scratch, { recursive: true, force: true }));
function leave(why, status) {
  console.error(`conformance: ${why}`);
  process.exit(status);
}

function programOf(release) {
  const { file: node, reason } = obtainRuntime(`node${release}`);
  if (node === undefined) console.log(`Node ${release}: skipped, ${reason}`);
  return node;
}

/**
 * Has the harness start its tests through a program that adds options for them and for all that they start: of
 * its own environment it hands on no NODE_OPTIONS.
 */
function withOptions(node, options) {
  const program = path.join(scratch, "node");
  fs.writeFileSync(
    program,
    `#!/bin/sh\nNODE_OPTIONS="$NODE_OPTIONS ${options}" exec ${node} "$@"\n`,
    { mode: 0o755 },
  );
  fs.chmodSync(scratch, 0o755);
  const preload = path.join(scratch, "program.cjs");
  fs.writeFileSync(preload, `process.execPath = ${JSON.stringify(program)};\n`);
  return ["--require", preload];
}

/** The release's tests, fetched once; undefined: they cannot be had. */
function treeOf(release) {
  const folder = path.join(root, ".node-tests", release);
  if (!fs.existsSync(path.join(folder, "test/parallel"))) {
    const script = path.join(harness, "get-node-tests.sh");
    spawnSync("sh", [script, folder, release], { stdio: "inherit" });
    if (!fs.existsSync(path.join(folder, "test/parallel"))) {
      console.log(`Node ${release}: skipped, its tests cannot be had here`);
      return undefined;
    }
  }
  return folder;
}

function score({ release, tests, form, backend, program }) {
  const title = `Node ${release}${values.tests ? ` on the tests of ${values.tests}` : ""}, ${form}, ${backend}`;
  console.log(`== ${title}`);
  const { api, subject } = forms[form];
  const runOurs = (...options) =>
    run(program, tests, backend, api, `test/${subject}`, [
      ...["--missing", "throw", "--repeat", values.repeat],
      ...(values.quiet ? ["--quiet"] : []),
      ...options,
    ]);
  const first = runOurs("--filter", values.filter);
  const late = named(first, "timeout");
  const again = late.length > 0 ? runAlone(late, runOurs) : [];
  const ours = [...first.filter(({ test }) => !late.includes(test)), ...again];
  const failed = named(ours, "fail", "timeout");
  const invalid =
    failed.length > 0 ? failingOnNode(program, tests, api, failed) : [];
  const wrong = failed.filter((test) => !invalid.includes(test));
  const passed = named(ours, "pass").length;
  sums.passed += passed;
  sums.failed += wrong.length;
  sums.skipped += named(ours, "skip").length;
  if (wrong.length > 0) console.log(`failed: ${wrong.join(" ")}`);
  if (invalid.length > 0)
    console.log(`not valid here, plain Node fails too: ${invalid.join(" ")}`);
  return `${title}: ${passed} of ${passed + wrong.length} valid tests passed`;
}

/** A machine that was busy, or that stopped them for a while, makes tests run out of time. */
function runAlone(names, runOurs) {
  console.log(`once more, one at a time: ${names.join(" ")}`);
  return runOurs("--list", listOf(names), "--jobs", "1");
}

function listOf(names) {
  const list = path.join(scratch, "list.txt");
  fs.writeFileSync(list, names.join("\n"));
  return list;
}

/** Those of the tests that plain Node fails. */
function failingOnNode(program, tests, api, names) {
  const control = path.join(harness, "subjects/control.cjs");
  const results = run(program, tests, "auto", api, control, [
    ...["--list", listOf(names), "--quiet"],
  ]);
  return named(results, "fail", "timeout");
}

/** The harness's cuts that fit the release's tests: for another release's it has no others. */
function cutsFor(tests) {
  const cuts = JSON.parse(
    fs.readFileSync(path.join(harness, "cuts.json"), "utf8"),
  );
  for (const [test, list] of Object.entries(cuts)) {
    const file = path.join(tests, "test", test);
    const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    cuts[test] = list.filter(({ from }) => text.includes(from));
  }
  const file = path.join(scratch, "cuts.json");
  fs.writeFileSync(file, JSON.stringify(cuts));
  return file;
}

const named = (results, ...statuses) =>
  results
    .filter(({ status }) => statuses.includes(status))
    .map(({ test }) => test);

function run(program, tests, backend, api, subject, options) {
  const json = path.join(scratch, "results.json");
  fs.rmSync(json, { force: true });
  const { NODE_EIO_BACKEND: _own, ...env } = process.env;
  if (backend !== "auto") env.NODE_EIO_BACKEND = backend;
  const [node, ...flags] = program;
  spawnSync(
    node,
    [
      ...flags,
      path.join(harness, "conformance.mjs"),
      ...["--node-src", tests, "--subject", path.resolve(root, subject)],
      ...["--api", api, "--jobs", values.jobs, "--json", json],
      ...["--cuts", cutsFor(tests), ...options],
    ],
    { cwd: root, env, stdio: "inherit" },
  );
  if (!fs.existsSync(json)) leave("the harness did not run to its end", 2);
  return JSON.parse(fs.readFileSync(json, "utf8")).results;
}

const sums = { passed: 0, failed: 0, skipped: 0 };
const rows = [];
for (const release of releases) {
  const node = programOf(release);
  const tests = node && treeOf(values.tests ?? testsOf[release] ?? release);
  if (tests === undefined) continue;
  const options = optionsOf[release];
  const program = [node, ...(options ? withOptions(node, options) : [])];
  for (const form of values.form.split(","))
    for (const backend of values.backend.split(","))
      rows.push(score({ release, tests, form, backend, program }));
}
for (const row of rows) console.log(row);
console.log(
  `${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`,
);
process.exitCode = sums.failed > 0 ? 1 : rows.length > 0 ? 0 : NOT_HERE;
