// Waiting for mounts, and taking them away though they hang.
import fs from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "./clean-up.mjs";

const LOOK_MS = 50;
const LOOKS = 6000;

/** Throws after some minutes: nothing here takes so long. An error of the condition means not yet. */
export async function until(what, condition) {
  let last = "";
  for (let look = 0; look < LOOKS; look++) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = `: ${error.message}`;
    }
    await pause(LOOK_MS);
  }
  throw new Error(`did not happen: ${what}${last}`);
}

const table = () => fs.readFileSync("/proc/self/mountinfo", "utf8");

/** Its type, by the table of mounts alone; null: nothing is mounted there. */
export function typeOf(point) {
  const line = table()
    .split("\n")
    .find((line) => line.split(" ")[4] === point);
  return line === undefined ? null : line.split(" - ")[1].split(" ")[0];
}

export async function mounted(point, daemon) {
  await until(`${point} is mounted`, () => {
    if (!daemon.isRunning && typeOf(point) === null)
      throw new Error(fs.readFileSync(`${point}.out`, "utf8"));
    return typeOf(point) !== null;
  });
}

/** Without its process its requests fail, so that nobody waits any more. */
export function unmount(point, daemon) {
  daemon?.kill();
  while (typeOf(point) !== null) run("umount", "-l", point);
}
