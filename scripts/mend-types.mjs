// Runs after tsup: mends two things in the declarations, and fails the build when a door lacks its marker.
// The declaration bundler writes a string export name that comes from a shared chunk with its quotes doubled,
// which hides from TypeScript what require() returns. And it makes a plain export of "export type *": we give
// Node's types under our doors' names, but not its values.
import fs from "node:fs";
import path from "node:path";

const dist = new URL("../dist/", import.meta.url).pathname;
const doors = ["promises.d.ts", "fs.d.ts"];
const marker = 'as "module.exports"';

for (const name of fs.readdirSync(dist)) {
  if (!name.endsWith(".d.ts")) continue;
  const file = path.join(dist, name);
  const text = fs.readFileSync(file, "utf8");
  const mended = text
    .replaceAll(String.raw`"\"module.exports\""`, '"module.exports"')
    .replaceAll("export * from 'node:", "export type * from 'node:");
  if (mended !== text) fs.writeFileSync(file, mended);
  if (doors.includes(name) && !mended.includes(marker)) {
    console.error(
      `dist/${name} does not export ${marker}: require() would be typed wrongly. ` +
        `Likely cause: src/${name.replace(".d.ts", ".ts")} no longer exports its api under that name.`,
    );
    process.exitCode = 1;
  }
}
