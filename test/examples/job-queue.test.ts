// The job queue of the examples, killed in the middle: the log says what it accepted and what became of it, and a file that the jobs
// write says what was done.
import fs from "node:fs";
import { describe, expect, it } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import {
  PROGRAMS_MAX_MS,
  eio,
  eventually,
  isAlive,
  startProgram,
  type Program,
} from "../helpers/program.ts";

const MAIN = "examples/job-queue/main.mjs";
const folder = testFolder();
const runs = folder.file("runs");
const handler = folder.file(
  "handler.mjs",
  `import fs from "node:fs";
   export default async function ({ n, gate, wrong }, id) {
     fs.appendFileSync(${JSON.stringify(runs)}, id + " " + process.pid + "\\n");
     while (gate && !fs.existsSync(gate)) await new Promise((go) => setTimeout(go, 5));
     if (wrong === "throws") throw new Error("not today");
     if (wrong === "reports and dies") process.send({ id, result: n * 2 });
     if (wrong?.endsWith("dies")) process.kill(process.pid, "SIGKILL");
     return n * 2;
   }`,
);

interface Entry {
  offset: number;
  job?: { n: number };
  retry?: number;
  done?: number;
  failed?: number;
  result?: unknown;
  why?: string;
}

let logs = 0;
const nextLog = (): string => folder.join(`jobs-${logs++}.log`);

async function* entriesOf(log: string, follow = false): AsyncGenerator<Entry> {
  for await (const { offset, data } of eio.readLog(log, { follow }))
    yield { offset, ...(JSON.parse(data.toString()) as Omit<Entry, "offset">) };
}

async function allOf(log: string): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entriesOf(log)) all.push(entry);
  return all;
}

/** Resolves when so many jobs have an outcome; `seen` is called for each. */
async function outcomes(
  log: string,
  count: number,
  seen: (count: number) => unknown = () => {},
): Promise<void> {
  let found = 0;
  for await (const { done, failed } of entriesOf(log, true)) {
    if (done === undefined && failed === undefined) continue;
    await seen(++found);
    if (found === count) return;
  }
}

/** The processes in which a job was begun, in their order. */
const runsOf = (id: number): number[] =>
  fs
    .readFileSync(runs, "utf8")
    .split("\n")
    .filter((line) => line.startsWith(`${id} `))
    .map((line) => Number(line.split(" ")[1]));

function start(log: string, ...args: string[]): Promise<Program> {
  fs.truncateSync(runs);
  const options = ["--handler", handler, "--port", "0", "--workers", "2"];
  return startProgram(MAIN, [log, ...options, ...args]);
}

async function post(url: string, job: unknown): Promise<number> {
  const body = JSON.stringify(job);
  const response = await fetch(`${url}/jobs`, { method: "POST", body });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: number }).id;
}

describe("the job queue", { timeout: PROGRAMS_MAX_MS }, () => {
  it("runs a job again whose worker was killed, and marks it done once", async () => {
    const log = nextLog();
    const gate = folder.join("killed-worker");
    const { url, end } = await start(log);
    const id = await post(url, { n: 21, gate });
    await eventually(() => runsOf(id).length === 1);
    process.kill(runsOf(id)[0]!, "SIGKILL");
    await eventually(() => runsOf(id).length === 2);
    fs.writeFileSync(gate, "");
    await outcomes(log, 1);
    expect(await end("SIGTERM")).toBe(0);
    expect(new Set(runsOf(id)).size).toBe(2);
    expect(await allOf(log)).toMatchObject([
      { offset: id, job: { n: 21 } },
      { retry: id, why: "its worker ended: SIGKILL" },
      { done: id, result: 42 },
    ]);
  });

  it("sets a job aside that throws or kills its worker three times, and does the others", async () => {
    const log = nextLog();
    const { url, end } = await start(log);
    const throws = await post(url, { n: 1, wrong: "throws" });
    const dies = await post(url, { n: 2, wrong: "dies" });
    const fine = await post(url, { n: 3 });
    await outcomes(log, 3);
    expect(await end("SIGTERM")).toBe(0);
    expect(runsOf(throws)).toHaveLength(3);
    expect(new Set(runsOf(dies)).size).toBe(3);
    const entries = await allOf(log);
    const last = entries.filter(
      (entry) => "done" in entry || "failed" in entry,
    );
    expect(last).toHaveLength(3);
    expect(last).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ failed: throws, why: "Error: not today" }),
        expect.objectContaining({ failed: dies }),
        expect.objectContaining({ done: fine, result: 6 }),
      ]),
    );
  });

  it("marks a job once whose worker dies when it reports it, in whichever order the primary hears of both", async () => {
    const log = nextLog();
    const { url, end } = await start(log);
    const job = (n: number): unknown => ({ n, wrong: "reports and dies" });
    const ids = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => post(url, job(n))),
    );
    await outcomes(log, 5);
    const last = await post(url, { n: 6 });
    await outcomes(log, 6);
    expect(await end("SIGTERM")).toBe(0);
    const marked = (await allOf(log)).flatMap(
      ({ done, failed }) => done ?? failed ?? [],
    );
    const inOrder = (all: number[]): number[] => all.sort((a, b) => a - b);
    expect(inOrder(marked)).toEqual(inOrder([...ids, last]));
  });

  it("lets running jobs finish at SIGTERM, and leaves the waiting ones to the next start", async () => {
    const log = nextLog();
    const gate = folder.join("running-at-sigterm");
    const { url, end } = await start(log, "--workers", "1");
    const running = await post(url, { n: 1, gate });
    const waiting = await post(url, { n: 2 });
    await eventually(() => runsOf(running).length === 1);
    const status = end("SIGTERM");
    // It takes no more connections from then on.
    await eventually(() =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
    fs.writeFileSync(gate, "");
    expect(await status).toBe(0);
    expect((await allOf(log)).map(({ done }) => done)).toEqual([
      undefined,
      undefined,
      running,
    ]);
    const next = await start(log);
    await outcomes(log, 2);
    await next.end("SIGTERM");
    expect((await allOf(log)).at(-1)).toMatchObject({ done: waiting });
  });

  it("does every accepted job at least once and marks it done exactly once, while workers and primary are killed", async () => {
    const JOBS = 60;
    const log = nextLog();
    let program = await start(log);
    let restarted: Promise<void> = Promise.resolve();
    /** What each acknowledged job is to compute, by its id. */
    const accepted = new Map<number, number>();
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < JOBS) {
        const n = next++;
        const id = await post(program.url, { n }).catch(() => null);
        if (id !== null) accepted.set(id, n);
        // It may be in the log all the same: whoever sent it does not know.
        else await restarted;
      }
    };
    const begun = (): string[] =>
      fs.readFileSync(runs, "utf8").trim().split("\n");
    const ran = new Set<string>();
    const lastWorker = (): number => Number(begun().at(-1)!.split(" ")[1]);
    const restart = async (): Promise<void> => {
      const orphan = lastWorker();
      for (const line of begun()) ran.add(line.split(" ")[0]!);
      expect(await program.end("SIGKILL")).toBe("SIGKILL");
      program = await start(log);
      await eventually(() => !isAlive(orphan));
    };

    const clients = Promise.all([client(), client(), client()]);
    const workersKilledAt = [5, 25];
    const primaryKilledAt = [10, 30];
    await outcomes(log, JOBS - 6, async (count) => {
      if (count >= workersKilledAt[0]! && isAlive(lastWorker())) {
        process.kill(lastWorker(), "SIGKILL");
        workersKilledAt.shift();
      }
      if (count >= primaryKilledAt[0]!) {
        primaryKilledAt.shift();
        await (restarted = restart());
      }
    });
    await clients;
    const jobs = (await allOf(log)).filter(({ job }) => job !== undefined);
    await outcomes(log, jobs.length);
    for (const line of begun()) ran.add(line.split(" ")[0]!);
    expect(await program.end("SIGTERM")).toBe(0);

    expect(primaryKilledAt).toEqual([]);
    // The second one may never have been found alive, beside a primary that is killed.
    expect(workersKilledAt.length).toBeLessThan(2);
    const entries = await allOf(log);
    expect(entries.filter((entry) => "failed" in entry)).toEqual([]);
    const marked = entries.filter((entry) => "done" in entry);
    const sorted = (ids: unknown[]): unknown[] => ids.map(String).sort();
    expect(sorted(marked.map(({ done }) => done))).toEqual(
      sorted(jobs.map(({ offset }) => offset)),
    );
    expect(accepted.size).toBeGreaterThan(JOBS / 2);
    for (const [id, n] of accepted) {
      expect(marked.find(({ done }) => done === id)?.result).toBe(2 * n);
      expect(ran).toContain(String(id));
    }
  });

  it("ends with an error if the handler cannot be loaded", async () => {
    const wrong = folder.file("wrong.mjs", "export default nothing;");
    const { ended, errors } = await start(nextLog(), "--handler", wrong);
    expect(await ended).toBe(1);
    expect(errors()).toContain("cannot load");
  });

  it("computes checksums of files if nothing else is wanted", async () => {
    const log = nextLog();
    const { url, end } = await startProgram(MAIN, [log, "--port", "0"]);
    await post(url, { path: folder.file("abc", "abc") });
    await outcomes(log, 1);
    await end("SIGTERM");
    expect((await allOf(log)).at(-1)?.result).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});
