// A long life of the static server: small and large files, ranges, conditions and clients that go away, round
// after round; then whether memory, descriptors, threads or waiting times grew. Exits 1 if any did.
// Usage: npm run test:soak:serve -- [--minutes 10] [--connections 64]
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { machineLine, median } from "./support/machine.mjs";
import { needBuild } from "./support/subjects.mjs";
import { wrk, wrkIsMissing } from "./support/wrk.mjs";

const ROUND_SECONDS = 5;
const LEAVERS = 50;
/** What the last third of the rounds may be above the second, beyond noise. */
const MAY_GROW = {
  rssMiB: [1.15, 8],
  fds: [1, 4],
  threads: [1, 2],
  p99Ms: [1.5, 5],
};

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    connections: { type: "string", default: "64" },
  },
});
needBuild("soak");
const missing = wrkIsMissing();
if (missing) {
  console.error(`soak: ${missing}`);
  process.exit(2);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-soak-"));
process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
fs.writeFileSync(path.join(folder, "small.txt"), "small ".repeat(700));
fs.writeFileSync(path.join(folder, "large.bin"), Buffer.alloc(1 << 20, 1));
fs.writeFileSync(path.join(folder, "index.html"), "<h1>index</h1>");

const server = spawn(
  process.execPath,
  ["dist/cli.js", "serve", folder, "--port", "0", "--log", "off"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
process.on("exit", () => server.kill());
const origin = await new Promise((resolve, reject) => {
  server.once("exit", (code) => reject(new Error(`the server ended: ${code}`)));
  createInterface(server.stdout).on("line", (line) => {
    const [url] = /http:\/\/[\w.:[\]]+/.exec(line) ?? [];
    if (url !== undefined) resolve(url);
  });
});

const paths = ["/small.txt", "/large.bin", "/", "/missing"];
const rounds = Math.max(
  6,
  Math.round((Number(values.minutes) * 60) / ROUND_SECONDS),
);
console.log(
  `${rounds} rounds of ${ROUND_SECONDS} s against ${origin}; ${machineLine()}`,
);
const seen = [];
for (let round = 0; round < rounds; round++) {
  const at = paths[round % paths.length];
  const { rate, p99Ms } = await wrk(origin + at, {
    connections: Number(values.connections),
    seconds: ROUND_SECONDS,
  });
  await leave(new URL(origin));
  seen.push({ at, rate, p99Ms, ...(await settled()) });
  const { rssMiB, fds, threads } = seen.at(-1);
  console.log(
    `${String(round + 1).padStart(4)} ${at.padEnd(11)} ${Math.round(rate)}/s, p99 ${p99Ms.toFixed(1)} ms, ${rssMiB.toFixed(0)} MiB, ${fds} descriptors, ${threads} threads`,
  );
}
process.exitCode = judge() ? 0 : 1;
server.kill();

/** Clients that request much and disconnect in the middle. */
async function leave({ hostname, port }) {
  const gone = Array.from({ length: LEAVERS }, () => {
    const socket = net.connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write("GET /large.bin HTTP/1.1\r\nHost: soak\r\n\r\n");
    socket.once("data", () => socket.destroy());
    return new Promise((resolve) => socket.once("close", resolve));
  });
  await Promise.all(gone);
}

/** After its connections are closed: what it is then. */
async function settled() {
  let before = -1;
  for (let look = 0; look < 50; look++) {
    const fds = fs.readdirSync(`/proc/${server.pid}/fd`).length;
    if (fds === before) break;
    before = fds;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const status = fs.readFileSync(`/proc/${server.pid}/status`, "latin1");
  const number = (name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)[1]);
  return {
    rssMiB: number("VmRSS") / 1024,
    fds: before,
    threads: number("Threads"),
  };
}

/** The first third is for warming up. */
function judge() {
  const third = Math.floor(rounds / 3);
  let good = true;
  for (const [what, [factor, beyond]] of Object.entries(MAY_GROW)) {
    const groups = what === "p99Ms" ? paths : [null];
    for (const at of groups) {
      const values = (list) =>
        median(
          list
            .filter((one) => at === null || one.at === at)
            .map((one) => one[what]),
        );
      const middle = values(seen.slice(third, 2 * third));
      const last = values(seen.slice(2 * third));
      const grew = last > middle * factor + beyond;
      good &&= !grew;
      console.log(
        `${what}${at === null ? "" : ` of ${at}`}: ${middle.toFixed(1)} in the middle, ${last.toFixed(1)} at the end${grew ? ": IT GREW" : ""}`,
      );
    }
  }
  return good;
}
