// wrk, the load: one run against an address, and what it printed as numbers.
import { spawn, spawnSync } from "node:child_process";
import os from "node:os";

/** Why there can be no run; null where wrk is installed. */
export function wrkIsMissing() {
  const { error } = spawnSync("wrk", ["--version"]);
  return error ? "wrk is not installed" : null;
}

const unitMs = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 };

function msOf(text) {
  const [, number, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text) ?? [];
  return Number(number) * unitMs[unit];
}

/** @returns {Promise<{rate: number, p50Ms: number, p99Ms: number, failed: number}>} */
export async function wrk(
  url,
  { connections, seconds, threads = os.availableParallelism() },
  mayStarve = false,
) {
  const child = spawn(
    "wrk",
    [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, "--latency", url],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  await new Promise((resolve) => child.on("close", resolve));
  const find = (pattern) => pattern.exec(text)?.[1];
  const rate = Number(find(/Requests\/sec:\s+([\d.]+)/));
  if (rate === 0 && mayStarve)
    return { rate, p50Ms: seconds * 1000, p99Ms: seconds * 1000, failed: 0 };
  if (!(rate > 0)) throw new Error(`${url}: wrk measured nothing:\n${text}`);
  const socketErrors = find(/Socket errors: (.*)/)?.match(/\d+/g) ?? [];
  const failed = [...socketErrors, find(/Non-2xx.*: (\d+)/) ?? 0];
  return {
    rate,
    p50Ms: msOf(find(/^\s+50%\s+(\S+)/m)),
    p99Ms: msOf(find(/^\s+99%\s+(\S+)/m)),
    failed: failed.reduce((sum, count) => sum + Number(count), 0),
  };
}
