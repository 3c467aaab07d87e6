// Processes that append to a log as fast as they can, and are killed (SIGKILL) in the middle of it, each by the next one's start:
//   node test/stress/log-kills.mjs [kills] [folder]
// A record counts as acknowledged when its process wrote so into a pipe, after append() had resolved. Prints what was lost (nothing may be).
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const root = path.resolve(import.meta.dirname, "../..");
const ours = pathToFileURL(path.join(root, "dist/index.js")).href;
const IN_FLIGHT = 32;
const ACKNOWLEDGED_MAX = 300;
const MAX_BYTES = 1 << 16;

/** What the child's record of that number is. */
export const recordOf = (run, number) =>
  `${run}:${number}:`.padEnd(10 + ((run * 7919 + number * 104729) % 900), "r");

/** Appends without end; a line for each that is acknowledged. */
async function append(folder, run) {
  const { eio } = await import(ours);
  const log = await eio.appendLog(folder, { maxBytes: MAX_BYTES });
  let number = 0;
  for (let i = 0; i < IN_FLIGHT; i++) void goOn();
  async function goOn() {
    for (;;) {
      const own = number++;
      const { offset } = await log.append(recordOf(run, own));
      fs.writeSync(1, `${own} ${offset}\n`);
    }
  }
}

/** Starts a child, kills it after so many acknowledgements, and returns those that came. */
async function killOne(folder, run, count) {
  const args = [import.meta.filename, "append", folder, String(run)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
    if (text.split("\n", count + 2).length > count) child.kill("SIGKILL");
  });
  const [, signal] = await once(child, "close");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const acknowledged = whole
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" ").map(Number));
  return { acknowledged, killed: signal === "SIGKILL" };
}

/** Of each process: each record that it acknowledged is there, once, at its offset, and none that it did not begin is. */
export async function killAll({ kills, within = os.tmpdir(), onKill }) {
  const home = fs.mkdtempSync(path.join(within, "eio-log-kills-"));
  const folder = path.join(home, "log");
  const { createEio } = await import(ours);
  const eio = createEio();
  const found = { kills: 0, acknowledged: 0, read: 0, lost: 0, wrong: 0 };
  let from = 0;
  for (let run = 0; run < kills; run++) {
    const count = (run * 7919) % ACKNOWLEDGED_MAX;
    const { acknowledged, killed } = await killOne(folder, run, count);
    if (killed) found.kills++;
    const log = await eio.appendLog(folder, { maxBytes: MAX_BYTES });
    const there = new Map();
    for await (const { offset, data } of log.read({ from })) {
      const text = data.toString();
      const [ofRun, number] = text.split(":", 2).map(Number);
      if (ofRun !== run || text !== recordOf(run, number) || there.has(number))
        found.wrong++;
      there.set(number, offset);
    }
    for (const [number, offset] of acknowledged)
      if (there.get(number) !== offset) found.lost++;
    found.acknowledged += acknowledged.length;
    found.read += there.size;
    // What is verified need not be read again, nor kept.
    from = log.end;
    await log.trim(from);
    await log.close();
    onKill?.(found);
  }
  await eio.close();
  fs.rmSync(home, { recursive: true });
  return found;
}

if (process.argv[1] === import.meta.filename) {
  const [first = "1000", ...rest] = process.argv.slice(2);
  if (first === "append") await append(rest[0], Number(rest[1]));
  else {
    const sinceMs = performance.now();
    const onKill = (found) => {
      if (found.kills % 100 === 0) console.log(JSON.stringify(found));
    };
    const found = await killAll({
      kills: Number(first),
      within: rest[0] ?? process.cwd(),
      onKill,
    });
    const seconds = Math.round((performance.now() - sinceMs) / 1e3);
    console.log(JSON.stringify({ ...found, seconds }));
    if (found.lost + found.wrong > 0) process.exitCode = 1;
  }
}
