// Sources as modules of a test's process: compiled by Node from what the run's main process made of them, with their own file names
// and lines. Vitest's own loader passes each file between processes, which costs more than most test files; it is left with tests.
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const vm = require("node:vm");

const PARAMETERS = [
  "exports",
  "require",
  "module",
  "__filename",
  "__dirname",
  "__url",
];

/** By file: what it exports, and the files that were imported since they were last made anew. */
const made = new Map();
const imported = new Set();
/** By file: its code as a function, for all test files of this process. */
const compiled = new Map();
let codes;
let testFile;

/**
 * Called once for each import by a test. Another test file has modules of its own. Again for the same file means that the test has
 * reset its modules: then all are made anew, too.
 * @param {string} pack the file that has the code of all, by their file names
 * @param {string} file
 */
module.exports = function importSource(pack, file) {
  codes ??= JSON.parse(fs.readFileSync(pack, "utf8"));
  const { filepath } = globalThis.__vitest_worker__;
  if (imported.has(file) || filepath !== testFile) {
    imported.clear();
    made.clear();
    testFile = filepath;
  }
  imported.add(file);
  return load(file);
};

function load(file) {
  const known = made.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  made.set(file, module);
  const elsewhere = createRequire(file);
  const folder = path.dirname(file);
  const requireHere = (name) => {
    const there = name.startsWith(".") ? path.resolve(folder, name) : name;
    return there in codes ? load(there) : elsewhere(name);
  };
  const run = compile(file);
  const url = pathToFileURL(file).href;
  try {
    run(module.exports, requireHere, module, file, folder, url);
  } catch (error) {
    made.delete(file);
    throw error;
  }
  return module.exports;
}

function compile(file) {
  let run = compiled.get(file);
  if (run === undefined) {
    run = vm.compileFunction(codes[file], PARAMETERS, {
      filename: file,
      importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    compiled.set(file, run);
  }
  return run;
}
