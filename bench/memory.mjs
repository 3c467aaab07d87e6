// What 100,000 requests cost that are asked for at once: how far resident memory grows beyond the
// data that they bring, with node:fs/promises and with this library.
// Usage: npm run bench:memory
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { machineLine } from "./support/machine.mjs";
import { measureIn, needBuild, subjects } from "./support/subjects.mjs";
import { tablePrinter } from "./support/table.mjs";

const REQUESTS = 100_000;
const FILE_BYTES = 1024;
const GROWTH_MAX_MIB = 100;

/** Each answers one request's promise; what it resolves to is kept, as a caller would. */
const jobs = {
  access: { dataBytes: 0, ask: (api, file) => api.access(file) },
  readFile: { dataBytes: FILE_BYTES, ask: (api, file) => api.readFile(file) },
  read: {
    dataBytes: 0,
    ask: (_api, _file, { handle, buffer }) =>
      handle.read(buffer, 0, FILE_BYTES, 0),
  },
};

if (process.argv[2] === "child") await measure(...process.argv.slice(3));
else compare();

function compare() {
  needBuild();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-memory-"));
  const file = path.join(folder, "data");
  fs.writeFileSync(file, Buffer.alloc(FILE_BYTES, 7));
  console.log(
    `${REQUESTS} requests at once; resident memory beyond their data. ${machineLine()}`,
  );
  const titles = ["", "node MiB", "eio MiB", "node s", "eio s"];
  const print = tablePrinter(titles, [10, 9, 9, 8, 8]);
  let worst = 0;
  for (const job of Object.keys(jobs)) {
    const [node, eio] = ["node", "eio"].map((name) =>
      measureIn(import.meta.url, name, job, file),
    );
    print([
      job,
      node.failed ?? node.growthMiB.toFixed(0),
      eio.failed ?? eio.growthMiB.toFixed(0),
      node.seconds.toFixed(2),
      eio.seconds.toFixed(2),
    ]);
    worst = Math.max(worst, eio.failed ? Infinity : eio.growthMiB);
  }
  fs.rmSync(folder, { recursive: true });
  const within = worst < GROWTH_MAX_MIB;
  console.log(`${within ? "within" : "beyond"} ${GROWTH_MAX_MIB} MiB`);
  process.exitCode = within ? 0 : 1;
}

async function measure(name, job, file) {
  const api = await subjects[name]();
  const { dataBytes, ask } = jobs[job];
  const handle = await api.open(file);
  const open = { handle, buffer: Buffer.alloc(FILE_BYTES) };
  for (let i = 0; i < 2000; i++) await ask(api, file, open);
  globalThis.gc();
  const beforeBytes = process.memoryUsage.rss();
  const startedMs = performance.now();
  const kept = new Array(REQUESTS);
  for (let i = 0; i < REQUESTS; i++) kept[i] = ask(api, file, open);
  let failed;
  try {
    await Promise.all(kept);
  } catch (error) {
    failed = error.code;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  // The most that there ever was of this process, in KiB.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const growthBytes = peakBytes - beforeBytes - REQUESTS * dataBytes;
  console.log(
    JSON.stringify({ growthMiB: growthBytes / 2 ** 20, seconds, failed }),
  );
  process.exit(0);
}
