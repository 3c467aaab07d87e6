// The client process: so many connections, each with its next request when the last has its response. What is
// not answered when the time is over counts with the time that it waited.
import http from "node:http";
import type { Counted } from "../case.ts";
import { Latencies } from "../latencies.ts";

export interface LoadOrder {
  port: number;
  connections: number;
  files: number;
  rampMs: number;
  runtimeMs: number;
}

export interface Load {
  answered: number;
  /** Sent before the run began, and still pending when it was over. */
  unanswered: number;
  seconds: number;
  latenciesNs: Counted;
}

const { port, connections, files, rampMs, runtimeMs } = JSON.parse(
  process.argv[2]!,
) as LoadOrder;
const agent = new http.Agent({ keepAlive: true, maxSockets: connections });

function ask(number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const path = `/${number % files}`;
    http
      .get({ port, host: "127.0.0.1", agent, path }, (response) => {
        response.resume();
        response.on("end", () =>
          response.statusCode === 200
            ? resolve()
            : reject(new Error(`status ${response.statusCode}`)),
        );
      })
      .on("error", reject);
  });
}

const beganMs = performance.now();
const countFromMs = beganMs + rampMs;
const endMs = countFromMs + runtimeMs;
const latencies = new Latencies();
/** By connection: when its request was made. */
const askedMs = new Float64Array(connections);
let answered = 0;

async function connection(lane: number): Promise<void> {
  for (let i = lane; performance.now() < endMs; i += connections) {
    askedMs[lane] = performance.now();
    await ask(i);
    const nowMs = performance.now();
    if (nowMs < countFromMs || nowMs > endMs) continue;
    latencies.note(nowMs - askedMs[lane]!);
    answered++;
  }
  askedMs[lane] = Infinity;
}

const over = new Promise<void>((resolve) =>
  setTimeout(resolve, rampMs + runtimeMs),
);
const all = Array.from({ length: connections }, (_, lane) => connection(lane));
// One that fails is an error of the bench: nothing was measured.
await Promise.race([over, Promise.all(all).then(() => over)]);
let unanswered = 0;
const nowMs = performance.now();
for (const sentMs of askedMs) {
  // What waits yet has waited so long at least; what was sent just now counts for nothing.
  if (nowMs - sentMs > runtimeMs / 2) latencies.note(nowMs - sentMs);
  if (sentMs <= countFromMs) unanswered++;
}
const load: Load = {
  answered,
  unanswered,
  seconds: runtimeMs / 1000,
  latenciesNs: latencies.counted(),
};
process.send!(load, () => process.exit(0));
