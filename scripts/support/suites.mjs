// The clients whose own tests run on us, as data: where their sources are, what their tests need, and how each
// file of tests is started. It does not know on which file system they run.
import fs from "node:fs";
import path from "node:path";
import { transformSync } from "esbuild";

const nodeTest = (file, report) => [
  "--test-reporter=tap",
  `--test-reporter-destination=${report}`,
  file,
];
const mocha = (file) => [
  "node_modules/mocha/bin/mocha.js",
  ...["--reporter", "tap", "--timeout", "300000", "--exit", file],
];
const CHOKIDAR_PARTS = 8;
/**
 * Its own variables for how long it waits for a file, and how many reads a worker has to come up and write. The
 * default of the latter, 20,000, is 0.5 s of processor time, which two threads that share a processor need at times.
 */
const pinoOnSlowMachines = {
  PINO_TEST_WAIT_WATCHFILE_TIMEOUT: "60000",
  PINO_TEST_WAIT_WRITE_TIMEOUT: "60000",
  MAX_TEST_LOOP_ITERATION: "400000",
};
const named = (pattern) => (file) => pattern.test(file);

/**
 * `needs`: what the tests require of the client's devDependencies (`pinned`: in another version than there).
 * `start`: what node is started with for a file; the path of a report is given, for runners that cannot keep their
 * standard output apart. `environments`: each file runs in each.
 */
export const suites = [
  {
    client: "graceful-fs",
    repository: "isaacs/node-graceful-fs",
    needs: ["import-fresh", "mkdirp", "rimraf", "tap"],
    isTest: named(/^test\/[^/]+\.js$/),
    start: (file) => ["--expose-gc", file],
    environments: [{}, { TEST_GRACEFUL_FS_GLOBAL_PATCH: "1" }],
    prepare: prepareGracefulFs,
  },
  {
    client: "nedb",
    repository: "louischatriot/nedb",
    needs: ["chai", "mocha"],
    pinned: { mocha: "^10.2.0" },
    isTest: named(/^test\/[^/]+\.test\.js$/),
    start: mocha,
    prepare: prepareNedb,
  },
  {
    client: "@seald-io/nedb",
    repository: "seald/nedb",
    needs: ["chai", "mocha"],
    isTest: named(/^test\/[^/]+\.test\.js$/),
    start: mocha,
    prepare: (folder) => giveNedbTime(folder, ["db", "db.async"]),
  },
  {
    client: "sonic-boom",
    repository: "pinojs/sonic-boom",
    needs: ["@sinonjs/fake-timers", "proxyquire"],
    isTest: named(/^test\/[^/]+\.test\.js$/),
    start: nodeTest,
  },
  {
    client: "chokidar",
    repository: "paulmillr/chokidar",
    needs: ["@paulmillr/jsbt", "tinyspy", "upath"],
    isTest: named(/^part-\d\.js$/),
    start: (file) => [file],
    prepare: prepareChokidar,
  },
  {
    client: "pino",
    repository: "pinojs/pino",
    needs: [
      ...[
        "@matteo.collina/tspl",
        "execa",
        "flush-write-stream",
        "import-fresh",
        "pino-pretty",
      ],
      ...["proxyquire", "rimraf", "semver", "split2", "strip-ansi"],
    ],
    // What tests its build for browsers touches no files.
    isTest: (file) =>
      /^test\/(esm\/|internals\/|transport\/|)[^/]+\.test\.m?js$/.test(file) &&
      !/\/browser[^/]*$/.test(file),
    start: nodeTest,
    prepare: preparePino,
    environments: [pinoOnSlowMachines],
  },
];

/**
 * Three renames have 100 ms each, which on a busy machine are over before the process has had its turn. It repeats a
 * rename for 60 s where it must not give up, so a limit of half of that still finds one that it must not repeat.
 */
function prepareGracefulFs(folder) {
  const file = path.join(folder, "test/windows-rename-polyfill.js");
  const text = fs.readFileSync(file, "utf8");
  fs.writeFileSync(file, text.replace("timeout: 100 ", "timeout: 30000 "));
}

/** How far the times of an insertion and of its document may be apart: 60 or 200 ms, which on a busy machine Node exceeds as well. */
function giveNedbTime(folder, names) {
  for (const name of names) {
    const file = path.join(folder, `test/${name}.test.js`);
    const text = fs.readFileSync(file, "utf8");
    const changed = text.replace(/(?<=reloadTimeUpperBound = )\d+/, "10000");
    fs.writeFileSync(file, changed);
  }
}

/** Its options are those of an old mocha; and it calls functions of node:util that Node has no longer from release 23 on. */
function prepareNedb(folder) {
  giveNedbTime(folder, ["db"]);
  fs.rmSync(path.join(folder, "test/mocha.opts"));
  fs.writeFileSync(
    path.join(folder, "lib/util.js"),
    `const util = require("node:util");
const { isDate, isRegExp } = util.types;
module.exports = { ...util, isArray: Array.isArray, isDate, isRegExp };
`,
  );
  const callers = ["lib/datastore", "lib/model", "lib/indexes"];
  for (const name of [...callers, "test/model.test"]) {
    const file = path.join(folder, `${name}.js`);
    const text = fs.readFileSync(file, "utf8");
    const changed = text.replace(`require('util')`, `require('../lib/util')`);
    fs.writeFileSync(file, changed);
  }
}

/**
 * Its tests are TypeScript, and their runner stops at the first that fails, unless it is given otherwise. They take minutes in one file, so
 * each of several files runs every so-manieth of them; each has a folder of its own, so they do not depend on each other.
 */
function prepareChokidar(folder) {
  const source = path.join(folder, "src");
  for (const name of fs.readdirSync(source)) {
    const text = fs.readFileSync(path.join(source, name), "utf8");
    const { code } = transformSync(text, { loader: "ts", target: "node20" });
    const parted = code.replace(
      '"@paulmillr/jsbt/test.js"',
      '"./test-of-part.js"',
    );
    fs.writeFileSync(path.join(folder, name.replace(/\.ts$/, ".js")), parted);
  }
  fs.writeFileSync(
    path.join(folder, "test-of-part.js"),
    `import { it as add } from "@paulmillr/jsbt/test.js";
export * from "@paulmillr/jsbt/test.js";
Object.assign(add.opts, { STOP_ON_ERROR: false, PRINT_TREE: false });
// What failed is for the report, too.
console.error = console.log;
let count = 0;
export const it = Object.assign((...test) => {
  if (count++ % ${CHOKIDAR_PARTS} === globalThis.part) add(...test);
}, add);
`,
  );
  for (let part = 0; part < CHOKIDAR_PARTS; part++)
    fs.writeFileSync(
      path.join(folder, `part-${part}.js`),
      `globalThis.part = ${part};\nawait import("./index.test.js");\n`,
    );
}

/** Some of its transports are compiled, as its own script does it. */
function preparePino(folder) {
  const transport = path.join(folder, "test/fixtures/ts/to-file-transport");
  const text = fs.readFileSync(`${transport}.ts`, "utf8");
  for (const target of ["es6", "es2017", "esnext"]) {
    const options = { loader: "ts", format: "cjs", target };
    const { code } = transformSync(text, options);
    fs.writeFileSync(`${transport}.${target}.cjs`, code);
  }
}
