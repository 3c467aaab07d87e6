// Writes the C headers that are made from TypeScript. Usage: npm run emit:headers
import fs from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const { outputFiles } = await build({
  entryPoints: [path.join(root, "scripts/native-headers.ts")],
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
});
const code = Buffer.from(outputFiles[0].contents).toString("base64");
const { nativeHeaders } = await import(`data:text/javascript;base64,${code}`);
for (const [file, text] of Object.entries(nativeHeaders()))
  fs.writeFileSync(path.join(root, file), text);
