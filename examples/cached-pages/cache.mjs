// A cache in a folder that several processes share: each entry is a file that is replaced as a whole, and what is missing is made by
// one process while the others wait for it. What an entry is about is not known here.
import { createHash } from "node:crypto";
import path from "node:path";
import { eio } from "node-eio";

const fs = eio.promises;
const WAIT_MS = 30_000;
/** A process looks after the size when it has written this part of it. */
const SWEEP_SHARE = 1 / 8;

const DIGEST_CHARS = 64;
const digestOf = (data) => createHash("sha256").update(data).digest("hex");

const lockOf = (name) => parseInt(name.slice(0, 12), 16);
/** Behind those of the entries. */
const SWEEP_LOCK = 2 ** 48;

export class FileCache {
  #writtenBytes = 0;

  constructor(folder, { maxAgeMs = Infinity, maxBytes = Infinity }) {
    Object.assign(this, { folder, maxAgeMs, maxBytes });
  }

  /** `make` resolves to `{ about, body, keep }`: an object for JSON, bytes, and whether they are kept. */
  async get(key, make) {
    const name = digestOf(key);
    const found = await this.#read(name);
    if (found !== null) return { ...found, hit: true };
    const lock = await this.#lock(lockOf(name), { timeout: WAIT_MS });
    try {
      // Whoever had the lock before has made it.
      const made = await this.#read(name);
      if (made !== null) return { ...made, hit: true };
      const { about, body, keep } = await make();
      if (keep) await this.#write(name, about, body);
      return { about, body, ageMs: 0, hit: false };
    } finally {
      await lock.release();
    }
  }

  #pathOf(name) {
    return path.join(this.folder, name);
  }

  /** One byte of one file for each entry: two that share theirs wait for each other, no more. null: somebody else has it. */
  #lock(start, options) {
    const range = { start, length: 1, ...options };
    return eio.lock(this.#pathOf("locks"), range).catch((error) => {
      if (error.code === "EAGAIN") return null;
      throw error;
    });
  }

  /** null: it is not there, is too old, or is not what was written. */
  async #read(name) {
    const handle = await fs.open(this.#pathOf(name)).catch((error) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (handle === null) return null;
    try {
      const { mtimeMs } = await handle.stat();
      const ageMs = Math.max(0, Date.now() - mtimeMs);
      if (ageMs > this.maxAgeMs) return null;
      const bytes = await handle.readFile();
      const rest = bytes.subarray(DIGEST_CHARS);
      if (bytes.toString("latin1", 0, DIGEST_CHARS) !== digestOf(rest))
        return null;
      const end = rest.indexOf("\n");
      const about = JSON.parse(rest.subarray(0, end));
      return { about, body: rest.subarray(end + 1), ageMs };
    } finally {
      await handle.close();
    }
  }

  /** Not synced: after a loss of power an entry may be gone or damaged, which its digest shows, and is made again. */
  async #write(name, about, body) {
    const head = Buffer.from(`${JSON.stringify(about)}\n`);
    const rest = Buffer.concat([head, body]);
    const bytes = Buffer.concat([Buffer.from(digestOf(rest)), rest]);
    await eio.writeFileAtomic(this.#pathOf(name), bytes, { durable: false });
    this.#writtenBytes += bytes.length;
    if (this.#writtenBytes > this.maxBytes * SWEEP_SHARE) await this.#sweep();
  }

  /** Removes what is too old and, until the rest fits, what was written first; another process may be doing so. */
  async #sweep() {
    const lock = await this.#lock(SWEEP_LOCK, { wait: false });
    if (lock === null) return;
    try {
      this.#writtenBytes = 0;
      const entries = await this.#list();
      let bytes = entries.reduce((sum, { size }) => sum + size, 0);
      for (const entry of entries.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
        const tooOld = Date.now() - entry.mtimeMs > this.maxAgeMs;
        if (!tooOld && bytes <= this.maxBytes) return;
        if (await this.#remove(entry)) bytes -= entry.size;
      }
    } finally {
      await lock.release();
    }
  }

  async #list() {
    const names = await fs.readdir(this.folder);
    const entries = names.filter((name) => /^[0-9a-f]{64}$/.test(name));
    const stats = entries.map((name) => fs.stat(this.#pathOf(name)));
    const found = await Promise.all(stats);
    return found.map((stat, i) => Object.assign(stat, { name: entries[i] }));
  }

  /** False: somebody is making it anew, or has done so. */
  async #remove({ name, mtimeMs }) {
    const lock = await this.#lock(lockOf(name), { wait: false });
    if (lock === null) return false;
    try {
      const stats = await fs.stat(this.#pathOf(name));
      if (stats.mtimeMs !== mtimeMs) return false;
      await fs.unlink(this.#pathOf(name));
      return true;
    } finally {
      await lock.release();
    }
  }
}
