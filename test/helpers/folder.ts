// A folder of its own for a test file. It loads nothing of the package.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

export interface TestFolder {
  path: string;
  file(name: string, data?: string | Uint8Array): string;
  join(name: string): string;
}

/** Made now, removed after the test file. */
export function testFolder(): TestFolder {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-test-"));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  const join = (name: string): string => path.join(folder, name);
  return {
    path: folder,
    join,
    file(name, data = "") {
      fs.writeFileSync(join(name), data);
      return join(name);
    },
  };
}
