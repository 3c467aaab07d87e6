// The same from a program that is CommonJS throughout: require, read, exit by itself.
"use strict";
const assert = require("node:assert/strict");
const nodeFs = require("node:fs");
const { promises, fs } = require("./subject.cjs");

assert.equal(fs.promises, promises);
promises.readFile(__filename).then((data) => {
  assert.deepEqual(data, nodeFs.readFileSync(__filename));
  console.log(`smoke ok on Node ${process.versions.node} (CommonJS)`);
});
