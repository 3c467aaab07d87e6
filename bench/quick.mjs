// What this library does on this machine, beside node:fs/promises, in a quarter of a minute: one run
// of each kind of work. For figures to quote take bench/floors.mjs, which takes medians.
// Usage: npm start
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { machineLine } from "./support/machine.mjs";
import { measureIn, needBuild, subjects } from "./support/subjects.mjs";
import { grouped, tablePrinter } from "./support/table.mjs";

const FILES = 2000;
const BLOCK_BYTES = 4096;
const DATA_BYTES = 128 << 20;
const RUN_MS = 600;
const WARM_UP_MS = 200;

const work = [
  { name: "readFile 4 KiB", job: "readFile", depths: [64, 1] },
  { name: "read 4 KiB", job: "read", depths: [64, 1] },
  { name: "stat", job: "stat", depths: [64] },
  { name: "writeFile 4 KiB", job: "writeFile", depths: [16] },
  { name: "readdir with types", job: "readdir", depths: [16] },
  { name: "read 1 MiB", job: "readLarge", depths: [16] },
];

if (process.argv[2] === "child") await measure(...process.argv.slice(3));
else compare();

function compare() {
  needBuild();
  const folder = prepare();
  console.log(`${machineLine()}\n`);
  const titles = ["work", "at once", "node/s", "eio/s", "ratio", "us cpu/op"];
  const print = tablePrinter(titles, [20, 8, 10, 10, 7, 16]);
  for (const { name, job, depths } of work)
    for (const depth of depths) {
      const [node, eio] = ["node", "eio"].map((subject) =>
        measureIn(import.meta.url, subject, job, depth, folder),
      );
      print([
        name,
        depth,
        grouped(node.perSecond),
        grouped(eio.perSecond),
        (eio.perSecond / node.perSecond).toFixed(2),
        `${node.cpuUs.toFixed(1)} -> ${eio.cpuUs.toFixed(1)}`,
      ]);
    }
  fs.rmSync(folder, { recursive: true });
}

/** In memory where there is a tmpfs: a disk would be what is measured. */
function prepare() {
  const parent = fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir();
  const folder = fs.mkdtempSync(path.join(parent, "node-eio-quick-"));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, "files"));
  fs.mkdirSync(path.join(folder, "out"));
  for (let i = 0; i < FILES; i++)
    fs.writeFileSync(
      path.join(folder, "files", `${i}`),
      Buffer.alloc(BLOCK_BYTES, i),
    );
  fs.writeFileSync(path.join(folder, "data"), Buffer.alloc(DATA_BYTES, 7));
  return folder;
}

async function measure(subject, job, depth, folder) {
  const api = await subjects[subject]();
  const handle = await api.open(path.join(folder, "data"));
  const files = Array.from({ length: FILES }, (_, i) =>
    path.join(folder, "files", `${i}`),
  );
  const content = Buffer.alloc(BLOCK_BYTES, 7);
  let turn = 0;
  const next = (count) => (turn = (turn + 7919) % count);
  const reader = (bytes) => {
    const buffer = Buffer.alloc(bytes);
    const count = DATA_BYTES / bytes;
    return () => handle.read(buffer, 0, bytes, next(count) * bytes);
  };
  const makers = {
    readFile: () => () => api.readFile(files[next(FILES)]),
    read: () => reader(BLOCK_BYTES),
    readLarge: () => reader(1 << 20),
    stat: () => () => api.stat(files[next(FILES)]),
    writeFile: () => () =>
      api.writeFile(path.join(folder, "out", `${next(256)}`), content),
    readdir: () => () =>
      api.readdir(path.join(folder, "files"), { withFileTypes: true }),
  };
  const runFor = async (ms) => {
    let count = 0;
    const endMs = performance.now() + ms;
    const lane = async () => {
      const ask = makers[job]();
      for (; performance.now() < endMs; count++) await ask();
    };
    await Promise.all(Array.from({ length: Number(depth) }, lane));
    return count;
  };
  await runFor(WARM_UP_MS);
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const count = await runFor(RUN_MS);
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  await handle.close();
  console.log(
    JSON.stringify({
      perSecond: count / seconds,
      cpuUs: (user + system) / count,
    }),
  );
  process.exit(0);
}
