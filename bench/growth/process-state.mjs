// What this process holds and has used, as the kernel counts it. It does not know what for.
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const MIB = 2 ** 20;
const POLL_MS = 100;

export function residentMiB() {
  globalThis.gc();
  return process.memoryUsage.rss() / MIB;
}

/** The peak of this process so far: a run that is judged by it needs a process of its own. */
export const peakMiB = () => process.resourceUsage().maxRSS / 1024;

export const threads = () => fs.readdirSync("/proc/self/task").length;

export const descriptors = () => fs.readdirSync("/proc/self/fd").length;

/** How often a thread of this process went to sleep, and so how often one was woken. */
export function sleeps() {
  const each = fs.readdirSync("/proc/self/task").map((task) => {
    const text = fs.readFileSync(`/proc/self/task/${task}/status`, "utf8");
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)[1]);
  });
  return each.reduce((sum, count) => sum + count, 0);
}

/** CPU time since a look at process.cpuUsage(). */
export function cpuMs(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Looks again until a value is small enough, or the time is up. @returns {Promise<number>} the last one */
export async function settled(value, limit, withinMs) {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const now = value();
    if (now <= limit || performance.now() >= endMs) return now;
    await sleep(POLL_MS);
  }
}
