// Writes the parts of the eio door that are made from its declarations. Usage: npm run emit:eio
import fs from "node:fs";
import path from "node:path";
import { format, resolveConfig } from "prettier";
import { loadSource } from "../bench/support/load-source.mjs";

const root = path.resolve(import.meta.dirname, "..");
const { eioDoorFiles } = await loadSource("scripts/eio-door.ts");
for (const [name, text] of Object.entries(eioDoorFiles(root))) {
  const file = path.join(root, name);
  const config = await resolveConfig(file);
  fs.writeFileSync(
    file,
    await format(text, { ...config, parser: "typescript" }),
  );
}
