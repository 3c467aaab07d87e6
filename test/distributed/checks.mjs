// What is run on a mounted distributed file system, and what has to hold. Each check is given two clients (mounts of the same files on two
// hosts) and what may go wrong with their servers; it returns figures, and `wrong`: what did not hold. How the hosts are made is not known here.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { judge } from "../stress/locks.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const program = path.join(import.meta.dirname, "client.mjs");
const locker = path.join(root, "test/stress/locks-worker.mjs");
const ours = pathToFileURL(path.join(root, "dist/index.js")).href;
/** What takes longer than this does not end. */
const END_MS = 300_000;
const TESTS_MS = 1_200_000;
const LOOK_MS = 10;
const HEADLINE = 160;
const BEFORE_MS = 5000;
const AFTER_MS = 15_000;

/** A process that prints lines of JSON. */
export class Client {
  lines = [];
  #child;
  #closed;
  #waiting = [];

  constructor(role, point, options = {}) {
    const args = [program, role, point, JSON.stringify(options)];
    this.#child = spawn(process.execPath, args, {
      stdio: ["pipe", "pipe", "inherit"],
      cwd: root,
    });
    this.sinceMs = performance.now();
    this.#closed = once(this.#child, "close");
    createInterface(this.#child.stdout).on("line", (line) => {
      this.lines.push(JSON.parse(line));
      for (const look of this.#waiting) look();
    });
  }

  /** The first line with that field. */
  async said(field) {
    const find = () => this.lines.find((line) => Object.hasOwn(line, field));
    const closed = this.#closed.then(() => null);
    while (find() === undefined) {
      const heard = new Promise((resolve) => this.#waiting.push(resolve));
      if ((await Promise.race([heard, closed])) === null) break;
    }
    const line = find();
    if (line === undefined) throw new Error(`a client did not say ${field}`);
    return line;
  }

  get hasEnded() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
  kill() {
    this.#child.kill("SIGKILL");
  }
  stop() {
    this.#child.stdin.end("stop");
  }

  async ended() {
    await this.#closed;
  }

  /** Its last line; throws where it failed. */
  async end() {
    const limit = setTimeout(() => this.kill(), END_MS);
    const [code, signal] = await this.#closed;
    clearTimeout(limit);
    if (code !== 0) throw new Error(`a client ended with ${code ?? signal}`);
    return this.lines.at(-1);
  }
}

const start = (role, { point }, options) => new Client(role, point, options);
const lineOf = (role, client, options) => start(role, client, options).end();

/** A slice of the unit tests with their files on the mount. */
export async function conformance({ clients: [{ point }], testFiles }) {
  const folder = path.join(point, "tests");
  fs.mkdirSync(folder);
  const report = path.join(
    root,
    `node_modules/.cache/distributed-${process.pid}.json`,
  );
  const child = spawn(
    process.execPath,
    [
      ...["node_modules/vitest/vitest.mjs", "run", ...testFiles],
      ...["--maxWorkers=1", "--minWorkers=1", "--testTimeout=60000"],
      ...["--reporter=json", `--outputFile=${report}`],
    ],
    { cwd: root, env: { ...process.env, TMPDIR: folder }, stdio: "ignore" },
  );
  const limit = setTimeout(() => child.kill("SIGKILL"), TESTS_MS);
  await once(child, "close");
  clearTimeout(limit);
  if (!fs.existsSync(report)) throw new Error("the tests did not end");
  const found = JSON.parse(fs.readFileSync(report, "utf8"));
  fs.rmSync(report);
  fs.rmSync(folder, { recursive: true, force: true });
  const failed = found.testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => ({
        test: fullName,
        why: failureMessages[0]?.split("\n")[0].slice(0, HEADLINE),
      })),
  );
  return {
    passed: found.numPassedTests,
    skipped: found.numPendingTests,
    failed,
  };
}

export async function differential({ clients: [client], scale }) {
  const found = await lineOf("differential", client, { count: 20 * scale });
  return {
    ...found,
    wrong: found.different.map(({ name, i }) => `${name}, number ${i}`),
  };
}

/** Two clients replace the same files, and read them all the time. */
export async function replacing({ clients, scale }) {
  const files = ["first", "second"];
  const running = clients.map((client, number) =>
    start("replacing", client, { client: number, files, versions: scale }),
  );
  const found = await Promise.all(running.map((one) => one.end()));
  const after = await Promise.all(
    clients.map((client) => lineOf("replaced", client, { files })),
  );
  const wrong = [];
  for (const { torn } of found)
    if (torn !== 0) wrong.push(`${torn} torn reads`);
  for (const { versions } of after)
    if (versions.some((one) => one?.version !== scale))
      wrong.push("the last version of neither client is there");
  if (JSON.stringify(after[0].versions) !== JSON.stringify(after[1].versions))
    wrong.push("the clients see different files in the end");
  return { clients: found, left: after[0].left, wrong };
}

/** Writers of one log on both clients in turn, each killed in the middle of it: what was acknowledged has to be there. */
export async function appending({ clients, folder, scale, locksReach }) {
  const notes = path.join(folder, "acknowledged");
  const records = path.join(folder, "records");
  fs.writeFileSync(notes, "");
  const wrong = [];
  const linesOf = (file) =>
    fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
  const rounds = Math.max(2, Math.round(scale / 25));
  let keptOut = null;
  for (let round = 0; round < rounds; round++) {
    const here = clients[round % clients.length];
    const there = clients[(round + 1) % clients.length];
    const before = linesOf(notes).length;
    const writer = start("appending", here, { notes });
    await writer.said("opened");
    while (linesOf(notes).length < before + scale && !writer.hasEnded)
      await pause(LOOK_MS);
    if (writer.hasEnded) throw new Error("a writer ended by itself");
    if (round === 0 && locksReach === "all clients")
      ({ keptOut } = await lineOf("second", there));
    writer.kill();
    await writer.end().catch(() => {});
    await lineOf("reading", there, { records });
    const found = new Set(linesOf(records));
    const lost = linesOf(notes).filter((text) => !found.has(text));
    if (lost.length !== 0)
      wrong.push(`${lost.length} acknowledged records lost in round ${round}`);
    if (found.size !== linesOf(records).length)
      wrong.push(`records twice in round ${round}`);
  }
  if (keptOut === false) wrong.push("a second writer was let in");
  return { rounds, acknowledged: linesOf(notes).length, keptOut, wrong };
}

/** Critical sections of processes on both clients; one is killed in the middle of the run. The log lies on the machine's own disk. */
export async function locking(kind, given, across) {
  const { clients, folder, scale, leaseMs } = given;
  const log = path.join(folder, `${kind}-log`);
  const counter = path.join(folder, `${kind}-counter`);
  fs.writeFileSync(log, "");
  fs.writeFileSync(counter, "0".repeat(12));
  const used = across ? clients : [clients[0], clients[0]];
  const sections = Math.max(5, Math.round(scale / 4));
  const processes = used.flatMap(({ point }, i) => {
    const own = path.join(folder, `${kind}-${across}-${i}`);
    fs.mkdirSync(own);
    const lock = path.join(point, `${kind}-${across}`);
    if (kind === "lease") fs.mkdirSync(lock, { recursive: true });
    fs.symlinkSync(log, path.join(own, "log"));
    fs.symlinkSync(counter, path.join(own, "counter"));
    fs.symlinkSync(lock, path.join(own, "the-lock"));
    return [0, 1].map(() => {
      const args = [locker, kind, own, sections, leaseMs, ours].map(String);
      const child = spawn(process.execPath, args, {
        stdio: ["ignore", "ignore", "inherit"],
      });
      return { child, ended: once(child, "exit") };
    });
  });
  const sinceMs = performance.now();
  const bytes = 40 * sections;
  while (
    fs.statSync(log).size < bytes &&
    !processes.some(({ child }) => child.exitCode !== null)
  )
    await pause(5);
  const [victim, ...others] = processes;
  victim.child.kill("SIGKILL");
  const limit = setTimeout(() => {
    for (const { child } of others) child.kill("SIGKILL");
  }, END_MS);
  const codes = await Promise.all(others.map(({ ended }) => ended));
  clearTimeout(limit);
  const found = judge(
    fs.readFileSync(log, "utf8"),
    new Set([victim.child.pid]),
  );
  const wrong = [];
  if (found.overlaps !== 0) wrong.push(`${found.overlaps} overlaps`);
  if (codes.some(([code]) => code !== 0))
    wrong.push("a process failed, or did not end");
  if (!found.tokensGrow) wrong.push("tokens do not grow");
  const seconds = Math.round((performance.now() - sinceMs) / 100) / 10;
  return { ...found, seconds, wrong };
}

/**
 * Something goes wrong and is right again while both clients work. With `leaves`, a process also wants to end meanwhile, while a call of its
 * own hangs: `exits` says whether the system lets it.
 */
export async function outage(given, failure, lasts) {
  const { clients, folder, deadlineMs, exits } = given;
  const local = path.join(folder, "local");
  fs.writeFileSync(local, Buffer.alloc(4096, 7));
  const options = { local, deadlineMs, isolate: true };
  const running = clients.map((client) => start("steady", client, options));
  await Promise.all(running.map((one) => one.said("started")));
  await pause(BEFORE_MS);
  const wrong = [];
  await failure.begin();
  const leaving = failure.leaves ? start("leaving", clients[0]) : null;
  await pause(lasts);
  const hasLeft = leaving?.hasEnded;
  if (exits && hasLeft === false)
    wrong.push("a process could not end while the mount was silent");
  await failure.end();
  await leaving?.ended();
  await pause(AFTER_MS);
  for (const one of running) one.stop();
  const found = await Promise.all(running.map((one) => one.end()));
  for (const { remote, beside } of found) {
    if (remote.errors.TORN) wrong.push(`${remote.errors.TORN} torn reads`);
    if (beside.done === 0 || Object.keys(beside.errors).length !== 0)
      wrong.push("the rest of the program did not go on");
  }
  return { clients: found, ...(leaving === null ? {} : { hasLeft }), wrong };
}

/** Who has a lock, when its holder is cut off. */
export async function cutOff({ clients, leaseMs, locksReach }, lasts) {
  const [holder, other] = clients;
  const kinds = locksReach === "all clients" ? ["lock"] : [];
  const holding = start("holding", holder, { kinds, leaseMs });
  const { token } = await holding.said("held");
  holder.host.cut();
  const taking = start("taking", other, { kinds, leaseMs });
  await pause(lasts);
  const whileCut = taking.lines.map(({ taken, seconds }) => ({
    taken,
    seconds,
  }));
  const warned = holding.lines.filter(({ lost }) => lost !== undefined);
  holder.host.join();
  holding.stop();
  const { errors } = await holding.end();
  await taking.end();
  const lease = taking.lines.find(({ taken }) => taken === "lease");
  const wrong = [];
  if (lease.token <= token) wrong.push("the token did not grow");
  if (warned.length === 0)
    wrong.push("the holder was not warned that its lease is lost");
  return { whileCut, warned, taken: taking.lines, releasing: errors, wrong };
}

/** What calls mean there: see src/util/file-systems.ts. */
export function probe({ clients }) {
  const [here, there] = clients.map(({ point }) => point);
  const { status, stdout, stderr } = spawnSync(
    "python3",
    [path.join(import.meta.dirname, "probe.py"), here, there],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
