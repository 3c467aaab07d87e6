// The log shipper of the examples: a log that is rotated while it is written, a collector that fails now and then, and a shipper that
// is killed. The collector notes each batch, and whether it acknowledged it.
import { once } from "node:events";
import fs from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { testFolder, type TestFolder } from "../helpers/folder.ts";
import {
  PROGRAMS_MAX_MS,
  eio,
  eventually,
  startProgram,
  type Program,
} from "../helpers/program.ts";
import { todays } from "../helpers/part.ts";

const folder = testFolder();
let logs = 0;
const noLocks = !eio.backends.threads.available;

interface Batch {
  /** The numbers of its lines. */
  lines: number[];
  acknowledged: boolean;
  /** The shipper was killed behind it. */
  killed: boolean;
}

/** What it does with a batch; it has noted it by then. */
type Treatment = (batch: Batch, response: ServerResponse) => void;

const accept: Treatment = (batch, response) => {
  batch.acknowledged = true;
  response.writeHead(204).end();
};
const fail: Treatment = (_batch, response) =>
  void response.writeHead(503).end();
const cut: Treatment = (_batch, response) => void response.destroy();

class Collector {
  readonly batches: Batch[] = [];
  readonly url: string;
  /** The shipper is being killed: what still comes from it is not acknowledged. */
  killing = false;
  readonly #treatments: Treatment[];

  static async start(treatments: Treatment[] = []): Promise<Collector> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => (server.closeAllConnections(), void server.close()));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    const collector = new Collector(url, treatments);
    server.on("request", (request, response) => {
      void text(request).then((body) => collector.#take(body, response));
    });
    return collector;
  }

  /** One treatment for each batch, then they are accepted. */
  private constructor(url: string, treatments: Treatment[]) {
    this.url = url;
    this.#treatments = treatments;
  }

  #take(body: string, response: ServerResponse): void {
    expect(body.endsWith("\n")).toBe(true);
    const lines = body.slice(0, -1).split("\n").map(numberOf);
    const batch = { lines, acknowledged: false, killed: this.killing };
    this.batches.push(batch);
    if (this.killing) response.destroy();
    else (this.#treatments.shift() ?? accept)(batch, response);
  }

  /** Behind the last line that was acknowledged. */
  get taken(): number {
    const last = this.batches.findLast(({ acknowledged }) => acknowledged);
    return last === undefined ? 0 : last.lines.at(-1)! + 1;
  }
  /** Each line in order, and again only what was not acknowledged, or may have been killed before it was written down. */
  check(): void {
    let expected = 0;
    let before: Batch | undefined;
    for (const batch of this.batches) {
      const [first = -1] = batch.lines;
      const allowed = [expected, ...(before?.killed ? [before.lines[0]] : [])];
      expect(allowed).toContain(first);
      expect(batch.lines).toEqual(batch.lines.map((_, i) => first + i));
      // Nothing but a kill makes another batch of what was not taken.
      if (before !== undefined && !before.acknowledged && !before.killed)
        expect(batch.lines).toEqual(before.lines);
      if (batch.acknowledged)
        expected = Math.max(expected, batch.lines.at(-1)! + 1);
      before = batch;
    }
  }
}

const lineOf = (n: number): string => `${n} ${"äé".repeat(n % 40)}`;
function numberOf(line: string): number {
  const n = parseInt(line, 10);
  expect(line).toBe(lineOf(n));
  return n;
}

class Log {
  readonly path: string;
  readonly state: string;
  #next = 0;
  #rotations = 0;
  constructor(inFolder: TestFolder) {
    const at = inFolder.join(`log-${logs++}`);
    fs.mkdirSync(at);
    this.path = `${at}/app.log`;
    this.state = `${at}/shipped.json`;
  }
  /** Some of them come in two halves. */
  write(count: number): number {
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(`${lineOf(this.#next++)}\n`);
      const half = i % 7 === 0 ? bytes.length >> 1 : 0;
      fs.appendFileSync(this.path, bytes.subarray(0, half));
      fs.appendFileSync(this.path, bytes.subarray(half));
    }
    return this.#next;
  }
  rotate(how: "rename" | "copy"): void {
    const old = `${this.path}.${++this.#rotations}`;
    if (how === "rename") return fs.renameSync(this.path, old);
    fs.copyFileSync(this.path, old);
    fs.truncateSync(this.path);
  }
  ship(url: string, ...options: string[]): Promise<Program> {
    return startProgram("examples/log-shipper/main.mjs", [
      ...[this.path, url, this.state, "--retry-ms", "2", "--linger-ms", "20"],
      ...options,
    ]);
  }
}

describe.skipIf(noLocks)(
  "the log shipper",
  { timeout: PROGRAMS_MAX_MS },
  () => {
    it.each(todays(["rename", "copy"] as const, 2))(
      "ships each line once and in order, over rotations (%s) and failures",
      async (how) => {
        const log = new Log(folder);
        const collector = await Collector.start(
          Array.from({ length: 400 }, (_, i) =>
            i % 5 === 2 ? fail : i % 7 === 3 ? cut : accept,
          ),
        );
        log.write(20);
        const shipper = await log.ship(collector.url, "--batch-lines", "40");
        await eventually(() => collector.taken > 0);
        for (let round = 0; round < 6; round++) {
          const written = log.write(150);
          await eventually(() => collector.taken >= written - 200);
          log.rotate(how);
        }
        const all = log.write(1);
        await eventually(() => collector.taken === all);
        expect(await shipper.end("SIGTERM")).toBe(0);
        collector.check();
        expect(
          collector.batches.some(({ acknowledged }) => !acknowledged),
        ).toBe(true);
        expect(
          Math.max(...collector.batches.map(({ lines }) => lines.length)),
        ).toBe(40);
      },
    );

    it.each(todays(["rename", "copy"] as const, 2, 1))(
      "loses no line when it is killed while the log is rotated (%s), and sends again at most the batch before",
      async (how) => {
        const log = new Log(folder);
        let shipper!: Program;
        let kills = 0;
        const restart = async (): Promise<void> => {
          collector.killing = true;
          expect(await shipper.end("SIGKILL")).toBe("SIGKILL");
          // The log goes on meanwhile, and is rotated.
          log.write(30);
          log.rotate(how);
          written = log.write(30);
          shipper = await log.ship(collector.url, "--batch-lines", "25");
          collector.killing = false;
          kills++;
        };
        /** It has the batch, and the shipper never hears of it. */
        const killBefore: Treatment = (batch) => {
          batch.killed = true;
          void restart();
        };
        /** The shipper may or may not have written down that it was taken. */
        const killBehind: Treatment = (batch, response) => {
          batch.killed = true;
          response.once("finish", () => void restart());
          accept(batch, response);
        };
        const each = [accept, accept, fail, accept];
        const collector = await Collector.start(
          Array.from({ length: 2 }, () => [
            ...each,
            killBefore,
            ...each,
            killBehind,
          ]).flat(),
        );
        let written = log.write(400);
        shipper = await log.ship(collector.url, "--batch-lines", "25");
        await eventually(() => {
          if (written - collector.taken < 200) written = log.write(5);
          return kills === 4;
        });
        const all = log.write(1);
        await eventually(() => collector.taken === all);
        expect(await shipper.end("SIGTERM")).toBe(0);
        collector.check();
        const lines = new Set(collector.batches.flatMap(({ lines }) => lines));
        expect(lines.size).toBe(all);
      },
    );

    it("waits for a collector that is away, and at SIGTERM leaves the rest to the next start", async () => {
      const log = new Log(folder);
      const away = await Collector.start(
        Array.from({ length: 100_000 }, () => fail),
      );
      log.write(50);
      const first = await log.ship(away.url);
      await eventually(() => away.batches.length > 2);
      expect(await first.end("SIGTERM")).toBe(0);
      expect(first.errors()).toContain("status 503; 50 lines wait");
      const collector = await Collector.start();
      const second = await log.ship(collector.url);
      await eventually(() => collector.taken === 50);
      expect(await second.end("SIGTERM")).toBe(0);
      expect(collector.batches).toHaveLength(1);
      const third = await log.ship(collector.url);
      const all = log.write(3);
      await eventually(() => collector.taken === all);
      expect(await third.end("SIGTERM")).toBe(0);
      collector.check();
    });

    it("ends with an error when the collector refuses a batch for good, and is there once for a state file", async () => {
      const log = new Log(folder);
      log.write(1);
      const collector = await Collector.start([
        (_batch, response) => void response.writeHead(403).end(),
      ]);
      const { ended, errors } = await log.ship(
        collector.url,
        "--linger-ms",
        "1",
      );
      expect(await ended).toBe(1);
      expect(errors()).toContain("refuses a batch: status 403");
      const next = await log.ship(collector.url);
      await eventually(() => collector.taken === 1);
      await expect(log.ship(collector.url)).rejects.toThrow("EAGAIN");
      await next.end("SIGTERM");
    });
  },
);
