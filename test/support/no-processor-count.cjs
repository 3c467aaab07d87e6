// Loaded first in each process of the tests: tinypool counts the processor's cores with two pipelines of five programs when it is
// imported, which takes a tenth of a second, and only the main process needs the count. It knows no test.
const childProcess = require("node:child_process");
const { isMainThread } = require("node:worker_threads");

const COUNTS = /^cat \/proc\/cpuinfo \| grep "(?:physical|core) id" \|/;
const COMMANDS = 2;

if (isMainThread) {
  // What tests look at, and what their children are started with, is as it would be without this.
  process.execArgv.splice(process.execArgv.indexOf("--require"), 2);
  const { execSync } = childProcess;
  let left = COMMANDS;
  childProcess.execSync = (command, ...rest) => {
    if (!COUNTS.test(command)) return execSync(command, ...rest);
    if (--left === 0) childProcess.execSync = execSync;
    return "1\n";
  };
}
