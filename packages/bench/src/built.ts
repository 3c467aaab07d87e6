// Where the programs and the page of this package lie once they are built: beside the built code, wherever
// that was put. It does not know what they do.
import path from "node:path";
import { fileURLToPath } from "node:url";

const own = fileURLToPath(import.meta.url);
const folder = own.endsWith(".ts")
  ? path.resolve(path.dirname(own), "../dist")
  : path.dirname(own);

export const builtFile = (name: string): string => path.join(folder, name);
