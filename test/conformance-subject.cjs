// What Node's own tests are run against: the built package, as a program that requires it sees it.
"use strict";
module.exports = {
  promises: require("../dist/promises.cjs"),
  callback: require("../dist/fs.cjs"),
};
