// Where this package lies and which version it is, from src/ and from dist/ alike, and from within an
// application's bundle where it is installed beside that. It knows nothing of what is in the package.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const own = import.meta.filename;
/** A file that is always beside the built code, unless somebody bundled that. */
const BESIDE = "worker.cjs";

/** The folder of what is built. */
export const dist = findDist();
/** The package's folder. */
export const packageRoot = `${path.dirname(dist)}/`;

function findDist(): string {
  const folder = path.dirname(own);
  if (own.endsWith(".ts")) return path.resolve(folder, "../../dist");
  if (fs.existsSync(path.join(folder, BESIDE))) return folder;
  try {
    const manifest = createRequire(own).resolve("node-eio/package.json");
    return path.join(path.dirname(manifest), "dist");
  } catch {
    return folder;
  }
}

export function packageVersion(): string {
  const text = fs.readFileSync(`${packageRoot}package.json`, "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
