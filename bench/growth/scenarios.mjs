// The costs that must not grow, each measured in a process of its own: a scenario gets a subject's promises and returns
// figures with the most that each may be. It does not know how they are shown.
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  cpuMs,
  descriptors,
  peakMiB,
  residentMiB,
  settled,
  sleeps,
  threads,
} from "./process-state.mjs";

const MIB = 2 ** 20;
const LARGE_BYTES = 64 * MIB;
/** Instances between two collections. */
const COLLECT_EVERY = 20;

/**
 * @typedef {object} Figure
 * @property {string} about
 * @property {number} value
 * @property {string} unit
 * @property {number} [limit] the most it may be
 * @property {number} [ofNode] the most it may be, as a multiple of node:fs's own
 *
 * @typedef {object} Scenario
 * @property {string} title
 * @property {boolean} [alone] node:fs has no such thing to stand beside
 * @property {string[]} [jobs] each in a process of its own
 * @property {(api: object, folder: string, sizes: object, job?: string) => Promise<Figure[]>} measure
 */

/** @type {Record<string, Scenario>} */
export const scenarios = {
  inFlight: { title: "requests in flight", measure: inFlight },
  atOnce: {
    title: "100,000 requests at once",
    jobs: ["access", "readFile", "read"],
    measure: atOnce,
  },
  entries: {
    title: "one folder of many entries",
    jobs: ["readdir", "readdir with types", "opendir"],
    measure: entries,
  },
  large: {
    title: "a file of 64 MiB",
    jobs: ["readFile", "writeFile", "readStream", "writeStream", "copyFile"],
    measure: large,
  },
  instances: {
    title: "instances opened and closed",
    alone: true,
    measure: instances,
  },
  load: { title: "memory after load", measure: afterLoad },
  idle: { title: "an idle process", measure: idle },
  start: { title: "the start", measure: start },
};

async function inFlight(api, folder) {
  const file = path.join(folder, "small");
  const costUs = {};
  for (const count of [1, 10, 100, 1000, 10_000, 100_000]) {
    const batches = Math.max(2, Math.ceil(100_000 / count / 2));
    const batch = () =>
      Promise.all(Array.from({ length: count }, () => api.stat(file)));
    await batch();
    const before = process.cpuUsage();
    const rounds = Math.min(batches, 20_000);
    for (let i = 0; i < rounds; i++) await batch();
    costUs[count] = (cpuMs(before) * 1000) / (rounds * count);
  }
  // Flat from a hundred to ten thousand; requests beyond that wait, and are shown. So many promises outlive young
  // collections where V8 begins with little room for them (Node 20, with any stat): half of Node's figure is fine, too.
  const flat = [1000, 10_000];
  return Object.entries(costUs).map(([count, value]) => ({
    about: `stat, ${Number(count).toLocaleString("en-US")} in flight`,
    value,
    unit: "us of CPU",
    ...(flat.includes(Number(count))
      ? { limit: costUs[100] * 1.5, ofNode: 0.5 }
      : {}),
  }));
}

/** How far memory grows beyond the data that they read; what each resolves to is kept, as a caller would. */
async function atOnce(api, folder, { atOnce: count }, job) {
  const file = path.join(folder, "small");
  const handle = await api.open(file);
  const buffer = Buffer.alloc(fs.statSync(file).size);
  const { dataBytes, call } = {
    access: { dataBytes: 0, call: () => api.access(file) },
    readFile: { dataBytes: buffer.length, call: () => api.readFile(file) },
    read: { dataBytes: 0, call: () => handle.read(buffer, 0, 1024, 0) },
  }[job];
  for (let i = 0; i < 2000; i++) await call();
  const beforeMiB = residentMiB();
  await Promise.all(Array.from({ length: count }, call));
  const value = peakMiB() - beforeMiB - (count * dataBytes) / MIB;
  return [{ about: job, value, unit: "MiB", limit: 100 }];
}

async function entries(api, folder, _sizes, job) {
  const many = path.join(folder, "many");
  await api.readdir(folder);
  const beforeMiB = residentMiB();
  const before = process.cpuUsage();
  let found = 0;
  if (job === "opendir")
    for await (const _entry of await api.opendir(many)) found++;
  else {
    const withFileTypes = job !== "readdir";
    found = (await api.readdir(many, { withFileTypes })).length;
  }
  const value = cpuMs(before);
  const about = `${job} of ${found.toLocaleString("en-US")}`;
  return [
    { about, value, unit: "ms of CPU", ofNode: 1.1 },
    {
      about,
      value: peakMiB() - beforeMiB,
      unit: "MiB at most",
      ofNode: 1.1,
      // Entries that went by are garbage until they are collected: some, and never all of them.
      ...(job === "opendir" ? { limit: 64 } : {}),
    },
  ];
}

/** No buffer above what is read, and none to speak of for what is written or goes by. */
async function large(api, folder, _sizes, job, streams) {
  const from = path.join(folder, "large");
  const to = path.join(folder, "large-out");
  await api.readFile(path.join(folder, "small"));
  await api.writeFile(to, "small");
  const content = job === "writeFile" ? Buffer.alloc(LARGE_BYTES, 7) : null;
  const chunk = Buffer.alloc(65_536, 7);
  const ended = (stream, event) =>
    new Promise((resolve, reject) =>
      stream.on(event, resolve).on("error", reject),
    );
  const jobs = {
    readFile: () => api.readFile(from),
    writeFile: () => api.writeFile(to, content),
    readStream: () => ended(streams.createReadStream(from).resume(), "end"),
    writeStream: async () => {
      const stream = streams.createWriteStream(to);
      for (let at = 0; at < LARGE_BYTES; at += chunk.length)
        if (!stream.write(chunk)) await ended(stream, "drain");
      await ended(stream.end(), "finish");
    },
    copyFile: () => api.copyFile(from, to),
  };
  const beforeMiB = residentMiB();
  await jobs[job]();
  const held = job === "readFile" ? LARGE_BYTES / MIB : 0;
  const value = peakMiB() - beforeMiB - held;
  // Chunks that went by are garbage until they are collected, with anybody's streams.
  const ofNode = job.endsWith("Stream") ? 1.1 : undefined;
  const about = `${job}, beyond its data`;
  return [{ about, value, unit: "MiB", limit: 16, ofNode }];
}

async function instances(_api, folder, { instances: count }) {
  const { createEio } = await import("node-eio");
  const once = async () => {
    const eio = createEio();
    await eio.promises.readFile(path.join(folder, "small"));
    await eio.close();
  };
  const some = async () => {
    for (let i = 0; i < count; i++) {
      await once();
      // When V8 collects 200 KB of heap for each depends on the machine, and the C library keeps what lay in between.
      if (i % COLLECT_EVERY === 0) globalThis.gc();
    }
  };
  await some();
  const state = () => ({
    MiB: residentMiB(),
    descriptors: descriptors(),
    threads: threads(),
  });
  const before = state();
  await some();
  const after = state();
  const limits = { MiB: 10, descriptors: 0, threads: 0 };
  return Object.entries(limits).map(([unit, limit]) => ({
    about: `${count.toLocaleString("en-US")} more`,
    value: after[unit] - before[unit],
    unit,
    limit,
  }));
}

/** Small files, large ones and stats, several at a time. */
async function work(api, folder, { loadRounds }) {
  const [small, medium] = ["small", "medium"].map((name) =>
    path.join(folder, name),
  );
  for (let i = 0; i < loadRounds; i++)
    await Promise.all([
      ...Array.from({ length: 16 }, () => api.readFile(medium)),
      ...Array.from({ length: 200 }, () => api.readFile(small)),
      ...Array.from({ length: 200 }, () => api.stat(small)),
      api.writeFile(path.join(folder, "out"), Buffer.alloc(MIB)),
    ]);
}

async function afterLoad(api, folder, sizes) {
  await work(api, folder, { loadRounds: 1 });
  const beforeMiB = residentMiB();
  await work(api, folder, sizes);
  const limit = 20;
  const grown = () => residentMiB() - beforeMiB;
  const value = await settled(grown, limit, sizes.settleMs);
  return [{ about: "resident, beyond before", value, unit: "MiB", limit }];
}

async function idle(api, folder, sizes) {
  const before = threads();
  await work(api, folder, { loadRounds: 10 });
  const left = await settled(threads, before, sizes.settleMs);
  const [cpuBefore, sleepsBefore] = [process.cpuUsage(), sleeps()];
  await sleep(sizes.idleMs);
  const ms = cpuMs(cpuBefore);
  const woken = sleeps() - sleepsBefore;
  const about = `in ${sizes.idleMs / 1000} s`;
  return [
    {
      about: "threads left, beyond those before the first call",
      value: left - before,
      unit: "",
      limit: 0,
    },
    { about: `CPU ${about}`, value: ms, unit: "ms", limit: 5 },
    { about: `wake-ups ${about}`, value: woken, unit: "", limit: 10 },
  ];
}

async function start(api, folder) {
  const before = process.cpuUsage();
  await api.readFile(path.join(folder, "small"));
  return [
    {
      about: "the first readFile after the import",
      value: cpuMs(before),
      unit: "ms of CPU",
      limit: 3,
    },
  ];
}
