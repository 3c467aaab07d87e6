// Writes the doors of the core that pass on what a package has: the names that it exports, and, where it is not installed,
// the error that says so. Types and values go by the package's name, so that there is one of each.
import fs from "node:fs";
import path from "node:path";
import { passOn } from "./bundle.mjs";
import { packages, passedOn } from "./packages.mjs";

/**
 * @param {string} out
 * @param {Record<string, Record<string, string[]>>} exportsOf by package and by its door
 */
export function writePassedOn(out, exportsOf) {
  for (const [name, { package: owner, door }] of Object.entries(passedOn)) {
    const write = (type, text) =>
      fs.writeFileSync(path.join(out, `${name}.${type}`), text);
    const { default: isDefault } = packages[owner].doors[door];
    const own = `@node-eio/${owner}`;
    const from = JSON.stringify(door === "index" ? own : `${own}/${door}`);
    const exported = exportsOf[owner][door];
    write("js", passOn(name, exported, isDefault));
    // One line for each name: loaders of ES modules and checkers of types look for them in the text.
    write(
      "cjs",
      `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
let found;
try {
  found = require(${from});
} catch (error) {
  throw require("./internal.cjs").notInstalled("node-eio/${name}", "${own}", error);
}
${exported.map((name) => `exports.${name} = found.${name};\n`).join("")}`,
    );
    const all = `export * from ${from};\n`;
    const types =
      isDefault === undefined
        ? all
        : `${all}export { default } from ${from};\n`;
    for (const type of ["d.ts", "d.cts"]) write(type, types);
  }
}
