// A server under wrk: small files read per request, large ones sent, and small ones while pbkdf2 has libuv's
// threads; on node:fs and on us, in turn, each run in a process of its own. Prints rates, waiting times and CPU.
// Usage: npm run bench:serve -- [--rounds 5] [--seconds 3] [--connections 64] [--only small,large,busy]
import { spawn } from "node:child_process";
import { pbkdf2 } from "node:crypto";
import nodeFs from "node:fs";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { machineLine, median } from "./support/machine.mjs";
import { needBuild } from "./support/subjects.mjs";
import { tablePrinter } from "./support/table.mjs";
import { wrk, wrkIsMissing } from "./support/wrk.mjs";

const FILES = 256;
const SMALL_BYTES = 4096;
const LARGE_BYTES = 1 << 20;
const HASHES = 8;
const HASH_ROUNDS = 200_000;
/** Without a single response the waiting time counts as that of the whole run, at least. */
const STARVED = true;

// --- the server of one run ---

/** Serves until it is killed; sends its port to the parent. */
async function serve(work, folder) {
  const [kind, subject] = work.split(":");
  const respond = await responders[`${kind}:${subject}`]();
  const names = Array.from({ length: FILES }, (_, i) => `${folder}/${i}`);
  let next = 0;
  const server = createServer((_request, response) => {
    respond(
      response,
      kind === "large" ? `${folder}/large` : names[next++ % FILES],
    );
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
  if (kind === "busy") for (let i = 0; i < HASHES; i++) hash();
}

function hash() {
  pbkdf2("secret", "salt", HASH_ROUNDS, 64, "sha512", hash);
}

function readAndSend({ readFile }) {
  return async (response, name) => {
    const body = await readFile(name);
    response.setHeader("content-length", body.length);
    response.end(body);
  };
}

const nodeReads = async () => readAndSend(await import("node:fs/promises"));
const eioReads = async () => readAndSend(await import("node-eio/promises"));

const responders = {
  "small:node": nodeReads,
  "small:eio": eioReads,
  "busy:node": nodeReads,
  "busy:eio": eioReads,
  "large:node": () => (response, name) => {
    response.setHeader("content-length", LARGE_BYTES);
    nodeFs.createReadStream(name).pipe(response);
  },
  "large:eio": async () => {
    const { eio } = await import("node-eio");
    // A client that goes away is no failure of the server.
    return (response, name) =>
      void eio.sendFile(response, name).catch(() => {});
  },
};

// --- the comparison ---

async function measure(work, folder, options) {
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.url), "child", work, folder],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  try {
    const port = await new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", () => reject(new Error(`${work}: the server died`)));
    });
    const url = `http://127.0.0.1:${port}/`;
    await wrk(url, { ...options, seconds: 1 }, STARVED);
    const before = cpuUs(child.pid);
    const result = await wrk(url, options, STARVED);
    const used = cpuUs(child.pid) - before;
    return { ...result, cpuUs: used / (result.rate * options.seconds) };
  } finally {
    // One whose threads never stop hashing does not end by itself.
    child.kill("SIGKILL");
  }
}

/** Of a process so far, in steps of 10 ms. */
function cpuUs(pid) {
  const text = nodeFs.readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function compare() {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "3" },
      connections: { type: "string", default: "64" },
      only: { type: "string", default: "small,large,busy" },
    },
  });
  const missing = wrkIsMissing();
  if (missing !== null || process.platform !== "linux") {
    console.log(`skipped: ${missing ?? "CPU is read from /proc"}`);
    return;
  }
  needBuild();
  const folder = nodeFs.mkdtempSync(path.join(os.tmpdir(), "eio-serve-"));
  for (let i = 0; i < FILES; i++)
    nodeFs.writeFileSync(`${folder}/${i}`, Buffer.alloc(SMALL_BYTES, i));
  nodeFs.writeFileSync(`${folder}/large`, Buffer.alloc(LARGE_BYTES, "x"));
  console.log(`${machineLine()}\nload ${os.loadavg()[0].toFixed(1)}`);
  const options = {
    connections: Number(values.connections),
    seconds: Number(values.seconds),
  };
  const runs = {};
  for (let round = 0; round < Number(values.rounds); round++)
    for (const kind of values.only.split(","))
      for (const subject of ["node", "eio"])
        (runs[`${kind}:${subject}`] ??= []).push(
          await measure(`${kind}:${subject}`, folder, options),
        );
  nodeFs.rmSync(folder, { recursive: true });
  print(values.only.split(","), runs, options);
}

const goals = {
  small: "rate x1.8, p99 no worse",
  large: "rate x1.5, less CPU",
  busy: "p99 x10 better",
};

function print(kinds, runs, { connections }) {
  console.log(`medians, ${connections} connections`);
  const titles = ["work", "per s", "p50 ms", "p99 ms", "us CPU", "failed"];
  const row = tablePrinter(titles, [12, 10, 8, 9, 8, 7]);
  for (const kind of kinds) {
    const [node, eio] = ["node", "eio"].map((subject) => {
      const all = runs[`${kind}:${subject}`];
      const of = (name) => median(all.map((run) => run[name]));
      const [rate, p50, p99] = [of("rate"), of("p50Ms"), of("p99Ms")];
      const cpu = of("cpuUs");
      const failed = all.reduce((sum, run) => sum + run.failed, 0);
      const cells = [rate.toFixed(0), p50.toFixed(2), p99.toFixed(2)];
      row([`${kind} ${subject}`, ...cells, cpu.toFixed(0), failed]);
      return { rate, p99, cpu };
    });
    const ratio = (a, b) => (a / b).toFixed(2);
    console.log(
      `${kind}: rate x${ratio(eio.rate, node.rate)}, p99 ${ratio(eio.p99, node.p99)} of node's, ` +
        `CPU ${ratio(eio.cpu, node.cpu)} of node's; goal: ${goals[kind]}`,
    );
  }
}

if (process.argv[2] === "child") await serve(process.argv[3], process.argv[4]);
else await compare();
