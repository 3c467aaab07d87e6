// Jobs and what became of them, as records of one log. A job's id is the offset of its record, and what is open is what all
// records add up to. Who does the work is not known here.
import { eio } from "node-eio";

const ATTEMPTS = 3;
/** After so many outcomes the segments that hold nothing open are removed. */
const TRIM_EVERY = 1000;

export class JobQueue {
  #log;
  /** Accepted and without an outcome, by id and in its order. */
  #open = new Map();
  #waiting = [];
  #outcomes = 0;

  /** What a worker had when the last process ended waits again. */
  static async open(path) {
    const queue = new JobQueue();
    queue.#log = await eio.appendLog(path, { maxBytes: 4 << 20 });
    for await (const { offset, data } of queue.#log.read())
      queue.#replay(offset, JSON.parse(data));
    queue.#waiting = [...queue.#open.keys()];
    return queue;
  }

  #replay(offset, { job, retry, done, failed }) {
    if (job !== undefined) this.#open.set(offset, { job, attempts: 1 });
    // The record of the job itself may have been trimmed.
    if (this.#open.has(retry)) this.#open.get(retry).attempts++;
    this.#open.delete(done ?? failed);
  }

  /** Resolves to the job's id when it cannot be lost any more. */
  async add(job) {
    const { offset } = await this.#append({ job });
    this.#open.set(offset, { job, attempts: 1 });
    this.#waiting.push(offset);
    return offset;
  }

  /** The next job; whoever took it reports finish() or fail(), once. */
  take() {
    const id = this.#waiting.shift();
    return id === undefined ? null : { id, job: this.#open.get(id).job };
  }

  async finish(id, result) {
    await this.#append({ done: id, result });
    await this.#close(id);
  }

  /** It threw, or its worker died: it waits again, or is set aside after so many attempts. */
  async fail(id, why) {
    const entry = this.#open.get(id);
    if (entry.attempts >= ATTEMPTS) {
      await this.#append({ failed: id, why });
      return this.#close(id);
    }
    await this.#append({ retry: id, why });
    entry.attempts++;
    this.#waiting.push(id);
  }

  async #close(id) {
    this.#open.delete(id);
    if (++this.#outcomes % TRIM_EVERY !== 0) return;
    const [oldest = this.#log.end] = this.#open.keys();
    await this.#log.trim(oldest);
  }

  #append(record) {
    return this.#log.append(JSON.stringify(record));
  }

  close() {
    return this.#log.close();
  }
}
