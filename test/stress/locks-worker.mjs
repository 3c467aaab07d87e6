// One process among many that want a lock: enters and leaves critical sections, and writes each down in a log whose order is that
// of the writes. Started by locks.mjs.
import fs from "node:fs";
import { setImmediate as turn } from "node:timers/promises";

const [kind, folder, sections, leaseMs, from] = process.argv.slice(2);
const path = `${folder}/the-lock`;
const log = fs.openSync(`${folder}/log`, "a");
const counter = fs.openSync(`${folder}/counter`, "r+");
const DIGITS = 12;
/** One section in so many takes long: somebody can be stopped in the middle of it. Of many there need not be as many. */
const LONG_EACH = Math.max(10, Math.floor(Number(sections) / 20));
const LONG_TURNS = 300;

/** Each returns who holds a lock: its token, whether it was lost, and how it is given back. */
const kinds = {
  async lock() {
    const { eio } = await import(from);
    return async () => {
      const lock = await eio.lock(path);
      return { token: 0, isLost: () => false, release: () => lock.release() };
    };
  },
  async lease() {
    const { eio } = await import(from);
    const options = { leaseMs: Number(leaseMs), durable: false };
    return async () => {
      const lock = await eio.leaseLock(path, options);
      return {
        token: lock.token,
        isLost: () => lock.signal.aborted,
        release: () => lock.release(),
      };
    };
  },
  async "proper-lockfile"() {
    const { default: lockfile } = await import(from);
    fs.closeSync(fs.openSync(path, "a"));
    const retries = { forever: true, minTimeout: 1, maxTimeout: 50 };
    return async () => {
      let lost = false;
      const release = await lockfile.lock(path, {
        ...{ retries, stale: Number(leaseMs) },
        onCompromised: () => (lost = true),
      });
      return { token: 0, isLost: () => lost, release };
    };
  },
};

/** No two of these at once: somebody else's step would be lost. */
function countOne() {
  const text = Buffer.alloc(DIGITS);
  fs.readSync(counter, text, 0, DIGITS, 0);
  const next = Number(text) + 1;
  fs.writeSync(counter, String(next).padStart(DIGITS, "0"), 0);
}

const note = (event, { token, isLost }) =>
  fs.writeSync(
    log,
    `${event} ${process.pid} ${token} ${isLost() ? "lost" : "held"}\n`,
  );

const acquire = await kinds[kind]();
for (let i = 0; i < Number(sections); i++) {
  const held = await acquire();
  note("enter", held);
  countOne();
  const turns = i % LONG_EACH === 0 ? LONG_TURNS : 1;
  for (let done = 0; done < turns; done++) await turn();
  note("leave", held);
  // What was lost is not there to be given back.
  await held.release().catch((error) => {
    if (!held.isLost()) throw error;
  });
}
