// A process that writes atomically, killed at random moments: each file has the whole of one
// content, and the only other files are some that were being written.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { times } from "../helpers/part.ts";

const ROUNDS = Number(process.env["EIO_CRASH_ROUNDS"] ?? times(6, 2));
const FILES = 4;
const KILL_AFTER_MAX = 60;

const door = pathToFileURL(path.resolve("dist/index.js")).href;
/** Contents of all lengths up to some 100 KiB, each with its own digest in front. */
const writer = `
  import { createHash } from "node:crypto";
  import { eio } from ${JSON.stringify(door)};
  const contentOf = (n) => {
    const body = String(n).repeat(1 + ((n * 7919) % 20000));
    return createHash("sha1").update(body).digest("hex") + body;
  };
  let n = 0;
  const durable = process.argv[1] === "durable";
  await Promise.all(Array.from({ length: ${FILES} }, async (_, file) => {
    for (;;) {
      await eio.writeFileAtomic("file" + file, contentOf(n++), { durable });
      console.log(n);
    }
  }));`;

/** Runs the writer until it has reported that many writes, and kills it in the middle of the next. */
async function killed(
  folder: string,
  how: string,
  after: number,
): Promise<void> {
  const child = spawn(
    process.execPath,
    ["--input-type=module", "--eval", writer, how],
    { cwd: folder, stdio: ["ignore", "pipe", "inherit"] },
  );
  let writes = 0;
  for await (const _line of createInterface(child.stdout))
    if (++writes === after) child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null)
    await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
}

const isWhole = (content: string): boolean =>
  createHash("sha1").update(content.slice(40)).digest("hex") ===
  content.slice(0, 40);

describe.each(["durable", "atomic only"])("a killed process (%s)", (how) => {
  it("leaves the old content or the new, never a mix", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-crash-"));
    for (let round = 0; round < ROUNDS; round++) {
      await killed(
        folder,
        how,
        FILES + Math.ceil(Math.random() * KILL_AFTER_MAX),
      );
      const names = fs.readdirSync(folder);
      const files = names.filter((name) => name.startsWith("file"));
      expect(files).toHaveLength(FILES);
      for (const name of files) {
        const content = fs.readFileSync(path.join(folder, name), "utf8");
        expect(isWhole(content), name).toBe(true);
      }
      // Each round sweeps away what the one before has left.
      const beside = names.filter((name) => !files.includes(name));
      expect(beside.length).toBeLessThanOrEqual(FILES);
      for (const name of beside) expect(name).toMatch(/^\.eio-[\w-]+\.tmp$/);
    }
    fs.rmSync(folder, { recursive: true });
  });
});
