// The cache of the examples, shared by processes that verify what they read, and the proxy that is made of it: what is made is counted
// where it is made.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import {
  PROGRAMS_MAX_MS,
  eio,
  eventually,
  startProgram,
} from "../helpers/program.ts";

const script = path.join(import.meta.dirname, "cache-client.mjs");
const folder = testFolder();
let caches = 0;

interface Options {
  keys: number;
  /** The number of the first of them; 0. */
  first?: number;
  gets: number;
  bytes?: number;
  maxAgeMs?: number;
  maxBytes?: number;
  gate?: string;
}

interface Counts {
  hits: number;
  wrong: number;
}

class Cache {
  readonly path = folder.join(`cache-${caches++}`);
  readonly #madeFile = folder.file(`${path.basename(this.path)}.made`);

  constructor() {
    fs.mkdirSync(this.path);
  }

  /** A process that takes so many entries: how many of them it found, and how many were not what was made. */
  start(options: Options): {
    kill(): Promise<unknown>;
    counts: Promise<Counts>;
  } {
    const args = [script, this.path, this.#madeFile, JSON.stringify(options)];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    onTestFinished(() => void child.kill("SIGKILL"));
    const counts = text(child.stdout).then(
      (line) => JSON.parse(line) as Counts,
    );
    // One that is killed has none.
    counts.catch(() => {});
    return { kill: () => (child.kill("SIGKILL"), ended), counts };
  }

  run(processes: number, options: Options) {
    return Promise.all(
      Array.from({ length: processes }, () => this.start(options).counts),
    );
  }

  /** Which key was made, by which process. */
  get made(): { key: string; pid: number }[] {
    return fs
      .readFileSync(this.#madeFile, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [, key = "", pid] = /^(.+) (\d+)$/.exec(line) ?? [];
        return { key, pid: Number(pid) };
      });
  }

  get files(): string[] {
    return fs
      .readdirSync(this.path)
      .filter((name) => name.length === 64)
      .map((name) => path.join(this.path, name));
  }
}

/** Without the addon there are no locks. */
const noLocks = !eio.backends.threads.available;

describe.skipIf(noLocks)("the cache", { timeout: PROGRAMS_MAX_MS }, () => {
  it("makes what is missing or too old once, however many processes want it", async () => {
    const cache = new Cache();
    const options = { keys: 3, gets: 60, maxAgeMs: 3_600_000 };
    const first = await cache.run(4, options);
    expect(cache.made.map(({ key }) => key).sort()).toEqual([
      "key 0",
      "key 1",
      "key 2",
    ]);
    expect(first.reduce((sum, { hits }) => sum + hits, 0)).toBe(4 * 60 - 3);
    for (const file of cache.files) fs.utimesSync(file, 0, 0);
    const second = await cache.run(4, options);
    expect(cache.made).toHaveLength(6);
    expect(second.reduce((sum, { hits }) => sum + hits, 0)).toBe(4 * 60 - 3);
    for (const { wrong } of [...first, ...second]) expect(wrong).toBe(0);
  });

  it("never gives half of what is replaced meanwhile", async () => {
    const cache = new Cache();
    await cache.run(1, { keys: 1, gets: 4 });
    const writers = cache.run(2, {
      keys: 1,
      gets: 60,
      bytes: 300_000,
      maxAgeMs: -1,
    });
    const readers = await cache.run(2, { keys: 1, gets: 60 });
    for (const { hits, wrong } of readers)
      expect([hits, wrong]).toEqual([60, 0]);
    for (const { hits, wrong } of await writers)
      expect([hits, wrong]).toEqual([0, 0]);
    expect(cache.made).toHaveLength(1 + 2 * 60);
  });

  it("goes on with the next in line when the process is killed that makes an entry", async () => {
    const cache = new Cache();
    const gate = folder.join("gate");
    const killed = cache.start({ keys: 1, gets: 4, gate });
    await eventually(() => cache.made.length === 1);
    const others = cache.run(2, { keys: 1, gets: 100 });
    await killed.kill();
    const found = await others;
    expect(found.reduce((sum, { hits }) => sum + hits, 0)).toBe(2 * 100 - 1);
    expect(cache.made).toHaveLength(2);
  });

  it("makes what was damaged anew", async () => {
    const cache = new Cache();
    await cache.run(1, { keys: 1, gets: 4 });
    const [file = ""] = cache.files;
    fs.truncateSync(file, fs.statSync(file).size - 1);
    expect(await cache.run(1, { keys: 1, gets: 100 })).toEqual([
      { hits: 99, wrong: 0 },
    ]);
  });

  it("keeps to its size, and removes what was written first", async () => {
    const cache = new Cache();
    const small = { bytes: 5000, maxBytes: 50_000 };
    await cache.run(1, { keys: 1, gets: 4, ...small });
    const [oldest = ""] = cache.files;
    await cache.run(2, { keys: 60, first: 1, gets: 80, ...small });
    expect(cache.made.length).toBeGreaterThan(50);
    const sizes = cache.files.map((file) => fs.statSync(file).size);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    // Each of the two processes may have written its share since it looked last.
    expect(bytes).toBeLessThan(50_000 * 1.25 + 2 * 4 * 5200);
    expect(bytes).toBeGreaterThan(50_000 / 2);
    expect(cache.files).not.toContain(oldest);
  });
});

describe.skipIf(noLocks)(
  "the caching proxy",
  { timeout: PROGRAMS_MAX_MS },
  () => {
    it("fetches a page once for all who want it, and not what is no page of the origin", async () => {
      const asked: string[] = [];
      const waiting: (() => void)[] = [];
      const origin = createServer(({ url = "" }, response) => {
        asked.push(url);
        response.setHeader("content-type", "text/plain; charset=utf-8");
        if (url === "/broken") response.writeHead(500);
        else if (url === "/missing") response.writeHead(404);
        const reply = (): void => void response.end(`this is ${url}`);
        if (url === "/slow") waiting.push(reply);
        else reply();
      }).listen(0, "127.0.0.1");
      await once(origin, "listening");
      onTestFinished(() => (origin.closeAllConnections(), void origin.close()));
      const { port } = origin.address() as AddressInfo;
      const { url } = await startProgram("examples/cached-pages/main.mjs", [
        ...[`http://127.0.0.1:${port}`, folder.join("pages")],
        ...["--port", "0", "--workers", "3"],
      ]);
      const get = async (name: string, method = "GET"): Promise<unknown[]> => {
        const response = await fetch(`${url}${name}`, { method });
        const kind = response.headers.get("x-cache");
        return [response.status, kind, await response.text()];
      };
      const all = Promise.all(Array.from({ length: 20 }, () => get("/slow")));
      await eventually(() => waiting.length === 1);
      waiting[0]!();
      const kinds = (await all).map(([status, kind, body]) => {
        expect([status, body]).toEqual([200, "this is /slow"]);
        return kind;
      });
      expect(kinds.sort()).toEqual([
        ...Array.from({ length: 19 }, () => "hit"),
        "miss",
      ]);
      expect(asked).toEqual(["/slow"]);

      expect(await get("/missing")).toEqual([404, "miss", "this is /missing"]);
      expect(await get("/missing")).toEqual([404, "hit", "this is /missing"]);
      expect(await get("/missing", "HEAD")).toEqual([404, "hit", ""]);
      expect(await get("/broken")).toEqual([500, "miss", "this is /broken"]);
      expect(await get("/broken")).toEqual([500, "miss", "this is /broken"]);
      expect(await get("//elsewhere/page")).toEqual([
        200,
        "miss",
        "this is //elsewhere/page",
      ]);
      expect((await get("/slow", "POST"))[0]).toBe(405);
      expect((await get("/slow"))[1]).toBe("hit");
    });
  },
);
