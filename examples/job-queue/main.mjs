// The primary: takes jobs over HTTP, hands them to workers of node:cluster, and writes down what became of them.
// Usage: node examples/job-queue/main.mjs LOG [--handler FILE] [--workers N] [--port N]
import cluster from "node:cluster";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import path from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { JobQueue } from "./queue.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    handler: { type: "string", default: here("checksum.mjs") },
    workers: { type: "string", default: String(availableParallelism()) },
    port: { type: "string", default: "8081" },
  },
});
const queue = await JobQueue.open(positionals[0] ?? "jobs.log");
/** The workers that are ready, each with its job or null. */
const workers = new Map();
let stopping = false;

const handler = pathToFileURL(path.resolve(values.handler)).href;
cluster.setupPrimary({ exec: here("worker.mjs"), args: [handler] });
cluster.on("message", (worker, { ready, id, result, error }) => {
  // What comes behind its exit is too late: the job waits again.
  if (worker.isDead()) return;
  workers.set(worker, null);
  if (ready) handOut();
  else settle(error ? queue.fail(id, error) : queue.finish(id, result));
});
cluster.on("exit", (worker, code, signal) => {
  const taken = workers.get(worker);
  if (taken)
    settle(queue.fail(taken.id, `its worker ended: ${signal ?? code}`));
  // Another one could not load the handler either.
  if (taken === undefined && code > 0) crash(`cannot load ${handler}`);
  workers.delete(worker);
  if (!stopping) cluster.fork();
});

/** Nothing can be promised without the log; whoever restarts this process goes on from what is in it. */
function crash(error) {
  console.error(error);
  process.exit(1);
}

const settle = (outcome) => void outcome.then(handOut, crash);

function handOut() {
  if (stopping) return void endWhenIdle();
  for (const [worker, taken] of workers) {
    if (taken !== null) continue;
    const next = queue.take();
    if (next === null) return;
    workers.set(worker, next);
    // If it is dead by now, its exit follows.
    worker.send(next, () => {});
  }
}

async function endWhenIdle() {
  if ([...workers.values()].some((taken) => taken !== null)) return;
  await new Promise((resolve) => cluster.disconnect(resolve));
  await queue.close();
}

async function respond(request) {
  if (`${request.method} ${request.url}` !== "POST /jobs") return [404, {}];
  const job = await json(request).catch(() => undefined);
  if (job === undefined) return [400, { error: "a job is JSON" }];
  const id = await queue.add(job);
  handOut();
  return [201, { id }];
}

const server = createServer(async (request, response) => {
  const failed = ({ message }) => [503, { error: message }];
  const [status, body] = await respond(request).catch(failed);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
});

for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    stopping = true;
    server.close();
    handOut();
  });
for (let i = 0; i < Number(values.workers); i++) cluster.fork();
server.listen(Number(values.port), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
