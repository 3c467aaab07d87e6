// Where this package lies and which version it is, from src/ and from dist/ alike. It knows nothing
// of what is in the package.
import fs from "node:fs";
import { fileURLToPath } from "node:url";

/** The package's folder: this file is in its src/util/, or was bundled into its flat dist/. */
export const packageRoot = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../" : "../", import.meta.url),
);

export function packageVersion(): string {
  const text = fs.readFileSync(`${packageRoot}/package.json`, "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
