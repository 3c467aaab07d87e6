// A program of one client of a distributed file system: does one of the roles below on its mount, and prints what became of it as a line
// of JSON. Started by run.mjs: in a process of its own, since what hangs in a mount can keep a process from ending.
//   node client.mjs ROLE MOUNT OPTIONS
import fs from "node:fs";
import path from "node:path";
import { loadSource } from "../../bench/support/load-source.mjs";
import { differential } from "./differential.mjs";

const [role, point, given = "{}"] = process.argv.slice(2);
const options = JSON.parse(given);
const { createEio } = await import("node-eio");

const print = (value) => fs.writeSync(1, `${JSON.stringify(value)}\n`);
const codeOf = (error) =>
  error.code?.startsWith("Unknown system error")
    ? `errno ${error.errno}`
    : (error.code ?? error.name);
/** Leaves time to others: what fails at once would be tried all the time. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
const at = (...names) => path.join(point, ...names);

/** Counts what succeeds and what fails, and the longest time in which nothing succeeded. */
class Counts {
  done = 0;
  errors = {};
  longestMs = 0;
  #lastMs = performance.now();

  success() {
    this.done++;
    this.#look();
  }
  failure(error) {
    const code = codeOf(error);
    this.errors[code] = (this.errors[code] ?? 0) + 1;
  }
  #look() {
    const nowMs = performance.now();
    this.longestMs = Math.max(this.longestMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }
  end() {
    this.#look();
    const { done, errors, longestMs } = this;
    return { done, errors, longestMs: Math.round(longestMs) };
  }
}

/** A text that shows whose it is, which version, and whether anything of it is missing. */
const VERSION_BYTES = [20, 3000, 9000, 200_000];
const versionText = (client, version) => {
  const bytes = VERSION_BYTES[version % VERSION_BYTES.length];
  return `${client}:${version}:`.padEnd(bytes, "v") + `:${client}:${version}`;
};
function versionOf(text) {
  const [, client, version] = /^(\d+):(\d+):/.exec(text) ?? [];
  const isWhole = text === versionText(client, Number(version));
  return isWhole ? { client: Number(client), version: Number(version) } : null;
}

const roles = {
  /** Random operations beside node:fs. */
  async differential() {
    const { Seeded } = await loadSource("src/util/seeded.ts");
    const eio = createEio();
    const randomOf = (seed) => {
      const source = new Seeded(seed);
      return () => source.next();
    };
    const within = fs.mkdtempSync(at("differential-"));
    const found = await differential({
      ...{ promises: eio.promises, within, randomOf },
      ...options,
    });
    fs.rmdirSync(within);
    await eio.close();
    print(found);
  },

  /** Replaces the same files as the other client, and reads them all the time. */
  async replacing() {
    const { client, files, versions } = options;
    const eio = createEio();
    const writes = new Counts();
    const reads = { ours: new Counts(), node: new Counts() };
    let torn = 0;
    let reading = true;
    const read = async (file, { promises }, counts) => {
      while (reading) {
        try {
          const text = await promises.readFile(at(file), "latin1");
          if (versionOf(text) === null) torn++;
          counts.success();
        } catch (error) {
          counts.failure(error);
        }
        // Reading alone would leave no time to those who write.
        await turn();
      }
    };
    const write = async (file) => {
      for (let version = 1; version <= versions; version++)
        try {
          await eio.writeFileAtomic(at(file), versionText(client, version));
          writes.success();
        } catch (error) {
          writes.failure(error);
        }
    };
    const readers = files.flatMap((file) => [
      read(file, eio, reads.ours),
      read(file, fs, reads.node),
    ]);
    await Promise.all(files.map(write));
    reading = false;
    await Promise.all(readers);
    await eio.close();
    print({
      torn,
      writes: writes.end(),
      reads: reads.ours.end(),
      readsOfNode: reads.node.end(),
    });
  },

  /** What the files of `replacing` are in the end. */
  async replaced() {
    const texts = options.files.map((file) =>
      fs.readFileSync(at(file), "latin1"),
    );
    const left = fs.readdirSync(point).filter((name) => name.endsWith(".tmp"));
    print({ versions: texts.map(versionOf), left: left.length });
    return Promise.resolve();
  },

  /** Appends to a log until it is killed; what was acknowledged is noted on the machine's own disk. */
  async appending() {
    const eio = createEio();
    let log;
    for (;;)
      try {
        log = await eio.appendLog(at("the-log"), { maxBytes: 1 << 18 });
        break;
      } catch (error) {
        if (error.code !== "ERR_EIO_LOG_LOCKED") throw error;
      }
    print({ opened: log.end });
    const note = fs.openSync(options.notes, "a");
    const append = async (lane) => {
      for (let i = 0; ; i++) {
        const text = `${process.pid}:${lane}:${i}`;
        await log.append(text.padEnd(10 + ((i * 37) % 900), "."));
        fs.writeSync(note, `${text}\n`);
      }
    };
    await Promise.all([0, 1, 2, 3].map(append));
  },

  /** Whether a log can be opened while another client has it open. */
  async second() {
    const eio = createEio();
    try {
      const log = await eio.appendLog(at("the-log"));
      await log.close();
      print({ keptOut: false });
    } catch (error) {
      print({ keptOut: error.code === "ERR_EIO_LOG_LOCKED", code: error.code });
    }
    await eio.close();
  },

  /** All records of a log. */
  async reading() {
    const eio = createEio();
    const texts = [];
    for await (const { data } of eio.readLog(at("the-log")))
      texts.push(data.toString().replace(/\.*$/, ""));
    await eio.close();
    fs.writeFileSync(options.records, texts.join("\n"));
    print({ records: texts.length });
  },

  /** Works on the mount and beside it, until it is stopped; each call has a deadline. */
  async steady() {
    const { local, deadlineMs, isolate } = options;
    const eio = createEio({ isolateMounts: isolate });
    const given = { timeout: deadlineMs };
    const remote = new Counts();
    const beside = new Counts();
    let latestMs = 0;
    let working = true;
    const limited = async (call) => {
      const sinceMs = performance.now();
      try {
        await call();
        remote.success();
      } catch (error) {
        remote.failure(error);
        if (error.code === "ETIMEDOUT")
          latestMs = Math.max(
            latestMs,
            performance.now() - sinceMs - deadlineMs,
          );
        await turn();
      }
    };
    const work = async (number) => {
      const file = at(`steady-${process.pid}-${number}`);
      for (let version = 1; working; version++) {
        const text = versionText(1, version);
        await limited(() => eio.writeFileAtomic(file, text, given));
        await limited(async () => {
          const found = await eio.promises.readFile(file, {
            encoding: "latin1",
            ...given,
          });
          if (versionOf(found) === null)
            throw Object.assign(new Error(), { code: "TORN" });
        });
        await limited(() => eio.promises.stat(file, given));
      }
    };
    const goOn = async () => {
      for (; working; await turn())
        try {
          await eio.promises.readFile(local);
          beside.success();
        } catch (error) {
          beside.failure(error);
        }
    };
    const all = [0, 1, 2, 3].map(work);
    const other = goOn();
    process.stdin.on("data", () => (working = false));
    print({ started: true });
    await Promise.all(all);
    await other;
    process.stdin.destroy();
    await eio.close();
    print({
      remote: remote.end(),
      beside: beside.end(),
      latestMs: Math.round(latestMs),
    });
  },

  /** Holds a lock of each kind until it is stopped, and says when it learns that one is lost. */
  async holding() {
    const eio = createEio();
    const lock = options.kinds.includes("lock")
      ? await eio.lock(at("held-lock"))
      : null;
    const lease = await eio.leaseLock(at("held-lease"), {
      leaseMs: options.leaseMs,
    });
    const sinceMs = performance.now();
    const seconds = () => Math.round((performance.now() - sinceMs) / 100) / 10;
    lease.signal.addEventListener("abort", () =>
      print({ lost: "lease", seconds: seconds() }),
    );
    print({ held: true, token: lease.token });
    for await (const _word of process.stdin) break;
    const errors = [];
    for (const one of [lease, lock])
      await one?.release().catch((error) => errors.push(codeOf(error)));
    await eio.close();
    print({ released: seconds(), errors });
  },

  /** Waits for the locks of `holding`, and says when it has them. */
  async taking() {
    const eio = createEio();
    const sinceMs = performance.now();
    const seconds = () => Math.round((performance.now() - sinceMs) / 100) / 10;
    const take = async (kind, locking) => {
      const lock = await locking;
      print({ taken: kind, seconds: seconds(), token: lock.token });
      await lock.release();
    };
    const { leaseMs } = options;
    await Promise.all([
      take("lease", eio.leaseLock(at("held-lease"), { leaseMs })),
      ...(options.kinds.includes("lock")
        ? [take("lock", eio.lock(at("held-lock")))]
        : []),
    ]);
    await eio.close();
  },

  /** Leaves while a call hangs. */
  async leaving() {
    const eio = createEio();
    const hung = eio.promises.readdir(point).catch(() => {});
    const timeout = eio.promises.stat(point, { timeout: 200 }).catch(codeOf);
    print({ code: await timeout });
    void hung;
    process.exit(7);
  },
};

await roles[role]();
