// Mixed requests of every kind on one instance, with priorities, signals, timeouts, groups and cancels. It counts
// what is settled, and how; what is left afterwards is nothing to it.
import fs from "node:fs";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { createEio, type Eio } from "../../src/api/create.ts";
import type { BackendName } from "../../src/backends/backend.ts";

const IN_FLIGHT = 64;

export interface Task {
  folder: string;
  backend: BackendName;
  seed: number;
}

/** Including the errors of a request that meets what an abandoned one still does. */
const expected = new Set([
  "ABORT_ERR",
  "ETIMEDOUT",
  "ENOENT",
  "EEXIST",
  "ENOTEMPTY",
]);

export class Mixture {
  submitted = 0;
  settled = 0;
  readonly outcomes: Record<string, number> = {};
  readonly wrong: string[] = [];
  readonly #eio: Eio;
  readonly #folder: string;
  #state: number;
  #made = 0;

  constructor({ folder, backend, seed }: Task) {
    this.#eio = createEio({ backend, idleTimeoutMs: 20 });
    this.#folder = fs.mkdtempSync(path.join(folder, "part-"));
    this.#state = seed;
    fs.mkdirSync(this.#at("tree/below"), { recursive: true });
    for (const name of ["file", "tree/one", "tree/below/two"])
      fs.writeFileSync(this.#at(name), Buffer.alloc(5000, 1));
    fs.writeFileSync(this.#at("large"), Buffer.alloc(300_000, 2));
  }

  get eio(): Eio {
    return this.#eio;
  }

  /** Runs until this one has submitted that many. */
  async run(count: number, each: () => void = () => {}): Promise<void> {
    const lane = async (): Promise<void> => {
      while (this.submitted < count) {
        await this.#one();
        each();
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
    while (this.#eio.stats().abandoned !== 0) await turn();
  }

  async openHandle(): Promise<void> {
    const handle = await this.#eio.promises.open(this.#at("file"));
    await handle.close();
  }

  changeLimits(): void {
    const maxParallel = this.#random(7);
    const maxIdle = this.#random(4);
    this.#eio.setLimits({ maxParallel, maxIdle, minParallel: 0 });
    // 0 pauses.
    if (maxParallel === 0)
      setImmediate(() => this.#eio.setLimits({ maxParallel: 2 }));
  }

  #at(name: string): string {
    return path.join(this.#folder, name);
  }

  /** 0 to below; xorshift, so that a run can be made again. */
  #random(below: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % below;
  }

  /** A priority; and one in three ends before its time, perhaps. */
  #terms(): { priority: number; signal?: AbortSignal; timeout?: number } {
    const priority = this.#random(9) - 4;
    const how = this.#random(6);
    if (how === 0) return { priority, timeout: this.#random(5) };
    if (how !== 1) return { priority };
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (this.#random(2) === 0) queueMicrotask(abort);
    else setImmediate(abort);
    return { priority, signal: controller.signal };
  }

  /** Counts a request that settles once by its nature, and how it ended. */
  async #awaits<T>(
    what: string,
    call: () => Promise<T>,
  ): Promise<T | undefined> {
    this.submitted++;
    try {
      const value = await call();
      this.#count(`${what} ok`);
      return value;
    } catch (error) {
      const { code, name, message } = error as NodeJS.ErrnoException;
      const known = code ?? name;
      if (!expected.has(known)) this.wrong.push(`${what}: ${message}`);
      this.#count(`${what} ${known}`);
      return undefined;
    } finally {
      this.settled++;
    }
  }

  #count(how: string): void {
    this.outcomes[how] = (this.outcomes[how] ?? 0) + 1;
  }

  /** The same for one that calls back, and could do so twice. */
  #awaitsCallback(
    what: string,
    call: (done: (error?: unknown) => void) => void,
  ): Promise<void> {
    let calls = 0;
    return this.#awaits(
      what,
      () =>
        new Promise<void>((resolve, reject) =>
          call((error) => {
            if (++calls > 1)
              this.wrong.push(`${what} called back ${calls} times`);
            if (error) reject(error as Error);
            else resolve();
          }),
        ),
    );
  }

  async #one(): Promise<void> {
    const { promises, fs: callbacks, eio } = this.#eio;
    const file = this.#at(this.#random(4) === 0 ? "large" : "file");
    const terms = this.#terms();
    switch (this.#random(16)) {
      case 0:
        return void (await this.#awaits("nop", () => this.#eio.nop(terms)));
      case 1:
        return void (await this.#awaits("stat", () =>
          promises.stat(file, terms as object),
        ));
      case 2:
      case 3:
        return void (await this.#awaits("readFile", () =>
          promises.readFile(file, terms),
        ));
      case 4:
        return void (await this.#awaits("readFile utf8", () =>
          promises.readFile(file, { ...terms, encoding: "utf8" }),
        ));
      case 5:
        return void (await this.#awaits("writeFile", () =>
          promises.writeFile(
            this.#at(`new-${this.#random(32)}`),
            Buffer.alloc(this.#random(20_000), 3),
            terms,
          ),
        ));
      case 6:
      case 7:
        return this.#useHandle(file, terms);
      case 8:
        return void (await this.#awaits("readdir", () =>
          promises.readdir(this.#at("tree"), {
            ...terms,
            recursive: this.#random(2) === 0,
          }),
        ));
      case 9:
        return this.#copyTree(terms);
      case 10:
        return this.#group(file);
      case 11:
        return this.#awaitsCallback("fs.stat", (done) =>
          callbacks.stat(file, done),
        );
      case 12:
        return this.#awaitsCallback("fs.readFile", (done) =>
          callbacks.readFile(file, done),
        );
      case 13:
        return this.#awaitsCallback("fs.open", (done) =>
          callbacks.open(file, "r", (error, fd) => {
            if (error) done(error);
            else callbacks.close(fd, done);
          }),
        );
      case 14:
        return this.#awaitsCallback("eio.nop", (done) => {
          eio.nop(this.#random(9) - 4, () => done());
        });
      default:
        return this.#awaitsCallback("eio.stat", (done) => {
          const request = eio.stat(file, this.#random(9) - 4, () => done());
          if (this.#random(3) === 0) eio.cancel(request);
        });
    }
  }

  async #useHandle(file: string, terms: object): Promise<void> {
    const handle = await this.#awaits("open", () =>
      promisesOpen(this.#eio, file, terms),
    );
    if (handle === undefined) return;
    const buffer = Buffer.alloc(1 + this.#random(100_000));
    if (this.#random(2) === 0)
      await this.#awaits("read", () =>
        handle.read({ buffer, position: 0, ...terms }),
      );
    else
      await this.#awaits("write", () =>
        handle.write(buffer.subarray(0, 1000), { position: 0, ...terms }),
      );
    await this.#awaits("close", () => handle.close());
  }

  async #copyTree(terms: object): Promise<void> {
    const { promises } = this.#eio;
    const copy = this.#at(`copy-${this.#made++}`);
    const recursive = { recursive: true };
    await this.#awaits("cp", () =>
      promises.cp(this.#at("tree"), copy, { ...recursive, ...terms }),
    );
    await this.#awaits("rm", () =>
      promises.rm(copy, { ...recursive, force: true, maxRetries: 3 }),
    );
  }

  /** Several at once, cancelled together in one of two. */
  async #group(file: string): Promise<void> {
    const group = this.#eio.group({ priority: this.#random(9) - 4 });
    const { promises } = group;
    const all = Array.from({ length: 5 }, (_, i) =>
      this.#awaits("of a group", () =>
        i % 2 === 0
          ? promises.readFile(file).then(() => {})
          : promises.stat(file).then(() => {}),
      ),
    );
    if (this.#random(2) === 0) group.cancel();
    await Promise.all(all);
    await group[Symbol.asyncDispose]();
  }
}

const promisesOpen = (
  { promises }: Eio,
  file: string,
  terms: object,
): ReturnType<Eio["promises"]["open"]> =>
  (
    promises.open as (...args: unknown[]) => ReturnType<Eio["promises"]["open"]>
  )(file, "r+", 0o666, terms);
