// Whether Node's readFile is ours here, for a program and for a thread of it.
"use strict";
const fs = require("node:fs");
const { parentPort } = require("node:worker_threads");

exports.isReplaced = () => fs.readFile === require("node-eio/fs").readFile;
parentPort?.postMessage(exports.isReplaced());
