// What Node's own tests are run against under register: node:fs itself, once our functions are in its place.
"use strict";
require("../dist/register.cjs");
const fs = require("node:fs");
module.exports = { promises: fs.promises, callback: fs };
