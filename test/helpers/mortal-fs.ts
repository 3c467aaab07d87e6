// A file system of a test's own that can be made to stop responding: see test/support/mortal-fs.py.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

/** Why there can be none here; null where there can be one. */
export function whyNoMortalFs(): string | null {
  if (process.platform !== "linux")
    return "FUSE is mounted here as Linux does it";
  if (process.getuid?.() !== 0) return "only root may mount";
  if (!fs.existsSync("/dev/fuse")) return "there is no /dev/fuse";
  return spawnSync("python3", ["-c", ""]).status === 0
    ? null
    : "there is no python3";
}

export interface MortalFs {
  /** Where it is mounted; it has file-0 to file-63, of 4096 bytes each. */
  path: string;
  file(index: number): string;
  /**
   * `stop`: takes no more requests. `swallow`: takes them and never responds. `go`: responds again. `stale`: the next read
   * fails with ESTALE.
   */
  command(word: "stop" | "swallow" | "go" | "stale"): Promise<void>;
  /** Fails the requests that still wait, and unmounts it. */
  end(): Promise<void>;
}

export async function mountMortalFs(): Promise<MortalFs> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-mortal-"));
  const script = path.resolve(import.meta.dirname, "../support/mortal-fs.py");
  const server = spawn("python3", [script, folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const heard = async (word: string): Promise<void> => {
    const { value } = (await lines.next()) as { value: unknown };
    if (value !== word)
      throw new Error(`the file system said ${String(value)}`);
  };
  await heard("mounted");
  const ended = new Promise((resolve) => server.once("close", resolve));
  return {
    path: folder,
    file: (index) => path.join(folder, `file-${index}`),
    async command(word) {
      server.stdin.write(`${word}\n`);
      await heard(word);
    },
    async end() {
      server.stdin.end();
      await ended;
      fs.rmdirSync(folder);
    },
  };
}
