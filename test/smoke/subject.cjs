// The CommonJS half of the smoke check: what require() gives.
"use strict";
module.exports = {
  eio: require("node-eio"),
  promises: require("node-eio/promises"),
  fs: require("node-eio/fs"),
};
