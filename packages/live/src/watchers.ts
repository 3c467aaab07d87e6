// Those who watch: streams of server-sent events. One sampler serves them all and runs only while there are
// some; whoever does not read loses samples, and after a while his connection.
import type { ServerResponse } from "node:http";
import type { Eio } from "node-eio";
import type { LiveSample } from "./sample.ts";
import { Sampler } from "./sampler.ts";

/** Samples that somebody may miss in a row. */
const MISSED_MAX = 30;
const RETRY_MS = 2000;

export class Watchers {
  readonly #sampler: Sampler;
  readonly #max: number;
  /** And how many samples each has missed. */
  readonly #missed = new Map<ServerResponse, number>();

  constructor(eio: Eio, intervalMs: number, max: number) {
    this.#max = max;
    this.#sampler = new Sampler(
      eio,
      intervalMs,
      () => this.#missed.size,
      (sample) => this.#tell(sample),
    );
  }

  get full(): boolean {
    return this.#missed.size >= this.#max;
  }

  get count(): number {
    return this.#missed.size;
  }

  add(response: ServerResponse): void {
    response.once("close", () => this.#drop(response));
    response.once("error", () => this.#drop(response));
    // Gone before it began: there will be no event any more.
    if (response.destroyed) return;
    this.#missed.set(response, 0);
    this.#sampler.start();
    response.flushHeaders();
    response.write(`retry: ${RETRY_MS}\n${event("hello", this.hello())}`);
  }

  hello(): object {
    return this.#sampler.hello();
  }

  /** Ends all streams; the pages try again by themselves. */
  close(): void {
    for (const response of [...this.#missed.keys()]) {
      this.#drop(response);
      response.end();
    }
  }

  #drop(response: ServerResponse): void {
    if (!this.#missed.delete(response)) return;
    if (this.#missed.size === 0) this.#sampler.stop();
  }

  #tell(sample: LiveSample): void {
    const text = event("sample", sample);
    for (const [response, missed] of [...this.#missed]) {
      if (!response.writableNeedDrain) {
        this.#missed.set(response, 0);
        response.write(text);
      } else if (missed < MISSED_MAX) this.#missed.set(response, missed + 1);
      else {
        this.#drop(response);
        response.destroy();
      }
    }
  }
}

/** JSON has no line ends in it. */
const event = (name: string, data: object): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
