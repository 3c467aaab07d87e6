// Preloaded into Node's tests of the permission model (scripts/test-permission.mjs): children that a test
// limits may read, beside what the test says, the register door that they inherit.
"use strict";
const child = require("node:child_process");
const { syncBuiltinESMExports } = require("node:module");

const needed = process.env.EIO_PERMIT?.split(":").map(
  (path) => `--allow-fs-read=${path}`,
);

const limits = (arg) => /^--(?:experimental-)?permission$/.test(arg);

for (const name of ["spawn", "spawnSync", "execFile", "execFileSync"]) {
  const own = child[name];
  child[name] = (file, args, ...rest) => {
    const at = Array.isArray(args) ? args.findIndex(limits) : -1;
    return at === -1
      ? own(file, args, ...rest)
      : own(file, args.toSpliced(at + 1, 0, ...needed), ...rest);
  };
}
syncBuiltinESMExports();
