// Sends the lines of a log to a collector in batches, and writes down the place behind each batch that the collector has taken. How
// the log is rotated, and what the collector does with the lines, is not known here.
import { setTimeout as delay } from "node:timers/promises";
import { eio } from "node-eio";

const { fetch } = globalThis;
const SEND_MAX_MS = 10_000;
const RETRY_MAX_MS = 30_000;
/** Whoever refuses for another reason would refuse the same batch for ever. */
const mayPass = (status) => status >= 500 || status === 408 || status === 429;

export class Shipper {
  #url;
  #state;
  #options;
  #tail;
  /** The next line, which may have been waited for since the last batch. */
  #next = null;
  #ending = new AbortController();
  sentLines = 0;

  constructor(log, url, state, saved, options) {
    this.#url = url;
    this.#state = state;
    this.#options = options;
    this.#tail = eio.tail(log, { follow: true, from: saved ?? "start" });
  }

  /** One shipper for each state file: the lock goes with the process, however it ends. */
  static async open(log, url, state, options) {
    await eio.lock(`${state}.lock`, { wait: false });
    const saved = await eio.promises.readFile(state, "utf8").catch((error) => {
      if (error.code === "ENOENT") return "null";
      throw error;
    });
    return new Shipper(log, url, state, JSON.parse(saved), options);
  }

  /** Until end() is called: what was read by then is sent. */
  async run() {
    for (;;) {
      const { lines, position, last } = await this.#gather();
      if (lines.length > 0) {
        await this.#send(lines);
        await eio.writeFileAtomic(this.#state, JSON.stringify(position));
        this.sentLines += lines.length;
      }
      if (last) return;
    }
  }

  end() {
    this.#ending.abort();
    return this.#tail.close();
  }

  /** As many lines as are there, up to the limit; those that come soon after the first go along. */
  async #gather() {
    const { batchLines, lingerMs } = this.#options;
    const lines = [];
    let position = null;
    let late;
    while (lines.length < batchLines) {
      this.#next ??= this.#readLine();
      const read = await Promise.race([this.#next, late].filter(Boolean));
      if (read === undefined) break;
      this.#next = null;
      if (read.done) return { lines, position, last: true };
      lines.push(read.line);
      position = read.position;
      late ??= delay(lingerMs, undefined, { ref: false });
    }
    return { lines, position, last: false };
  }

  /** The place is noted with each line: while one is waited for, the tail may have gone on. */
  async #readLine() {
    const { done, value } = await this.#tail[Symbol.asyncIterator]().next();
    return { done, line: value, position: this.#tail.position };
  }

  async #send(lines) {
    const body = lines.map((line) => `${line}\n`).join("");
    for (let pauseMs = this.#options.retryMs; ; pauseMs *= 2) {
      const problem = await this.#post(body);
      if (problem === null) return;
      console.error(`${problem}; ${lines.length} lines wait`);
      const { signal } = this.#ending;
      signal.throwIfAborted();
      // Not all shippers at the same moment.
      const most = Math.min(pauseMs, RETRY_MAX_MS);
      await delay(most * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }

  /** Why it is to be sent again; null: the collector has it. */
  async #post(body) {
    const headers = { "content-type": "text/plain; charset=utf-8" };
    const signal = AbortSignal.timeout(SEND_MAX_MS);
    let status;
    try {
      const request = { method: "POST", headers, body, signal };
      const response = await fetch(this.#url, request);
      status = response.status;
      await response.arrayBuffer();
    } catch (error) {
      return `${error.cause?.code ?? error.name}`;
    }
    if (status >= 200 && status < 300) return null;
    if (mayPass(status)) return `status ${status}`;
    throw new Error(`The collector refuses a batch: status ${status}`);
  }
}
