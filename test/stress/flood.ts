// Thousands of requests at once for the stress programs: reads that wait for a fifo, large ones that the
// kernel's threads copy, small ones, and work of the pool's. It counts what is settled, and how.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { loadNative } from "../../src/backends/native.ts";
import { selectBackend } from "../../src/backends/select.ts";
import { defaultThreadLimits } from "../../src/backends/thread-limits.ts";
import { Engine } from "../../src/engine/engine.ts";
import { defaultEngineOptions } from "../../src/engine/options.ts";
import { ops, type OpName } from "../../src/ops/table.ts";
import { Request } from "../../src/request/request.ts";
import {
  decodeInto,
  decodeNone,
  decodeNumbers,
} from "../../src/request/results.ts";

const FILE_BYTES = 1 << 20;

export interface Ground {
  folder: string;
  file: string;
  fifo: string;
}

/** A folder with a file and a fifo, for one program and its children. */
export function makeGround(): Ground {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-stress-"));
  const ground = groundOf(folder);
  fs.writeFileSync(
    ground.file,
    Buffer.from(Array.from({ length: FILE_BYTES }, (_, i) => (i * 7) & 255)),
  );
  execFileSync("mkfifo", [ground.fifo]);
  return ground;
}

export const groundOf = (folder: string): Ground => ({
  folder,
  file: path.join(folder, "file"),
  fifo: path.join(folder, "fifo"),
});

export function makeEngine(backend: string, slots: number): Engine {
  const limits = { ...defaultThreadLimits, maxParallel: 2 };
  const sizes = { ...defaultEngineOptions.sizes, slots };
  return new Engine(
    { ...defaultEngineOptions, sizes },
    selectBackend(backend, { limits }),
  );
}

/** In a build for tests the ring takes pipes, too: reads that wait for as long as a test wants. */
function ringTakesPipes(): void {
  const { addon } = loadNative() as unknown as {
    addon: { fault?: (...plan: unknown[]) => void } | null;
  };
  addon?.fault?.("any_fd", 1, 0, 1 << 30);
}

export class Flood {
  readonly engine: Engine;
  readonly requests: Request[] = [];
  settled = 0;
  cancelled = 0;
  /** Results that no request may have. */
  wrong: string[] = [];
  readonly #file: number;
  /** Open for writing as well, so that readers wait, and none gets an end of the file. */
  readonly #fifo: number;

  constructor(engine: Engine, ground: Ground) {
    this.engine = engine;
    ringTakesPipes();
    this.#file = fs.openSync(ground.file, "r");
    this.#fifo = fs.openSync(ground.fifo, "r+");
  }

  /** Reads that wait until they are cancelled. */
  wait(count: number): void {
    for (let i = 0; i < count; i++) {
      const data = Buffer.allocUnsafeSlow(i % 2 === 0 ? 64 : 2048);
      this.#submit("read", { fd: this.#fifo, data });
    }
  }

  /** Work that ends: copied on the loop, copied by the kernel's threads, and the pool's. */
  work(count: number): void {
    for (let i = 0; i < count; i++) {
      const large = i % 50 === 0;
      const data = Buffer.allocUnsafeSlow(large ? 1 << 17 : 1024);
      const position = (i * 1024) % (FILE_BYTES - data.length);
      if (i % 10 === 9) this.#submit("fstat", { fd: this.#file });
      else this.#submit("read", { fd: this.#file, data, position });
    }
  }

  /** Small reads only, for measurements without threads. */
  read(count: number): void {
    for (let i = 0; i < count; i++) {
      const data = Buffer.allocUnsafeSlow(1024);
      this.#submit("read", { fd: this.#file, data, position: i * 1024 });
    }
  }

  async begun(): Promise<void> {
    while (this.engine.nready !== 0) await turn();
  }

  cancelAll(): void {
    for (const request of this.requests) this.engine.cancel(request, "enough");
  }

  async allSettled(): Promise<void> {
    while (this.settled !== this.requests.length || this.engine.orphans !== 0)
      await turn();
  }

  closeFiles(): void {
    fs.closeSync(this.#file);
    fs.closeSync(this.#fifo);
  }

  #submit(name: OpName, change: Partial<Request>): void {
    const decode = { read: decodeInto, fstat: decodeNumbers }[name as string];
    let settled = false;
    const request = new Request(
      ops[name].code,
      decode ?? decodeNone,
      ({ result }) => {
        if (settled) this.wrong.push(`${name} settled twice`);
        settled = true;
        this.settled++;
        if (result === -125) this.cancelled++;
        else if (result < 0 || result < (change.data?.byteLength ?? 0))
          this.wrong.push(`${name} returns ${result}`);
      },
    );
    Object.assign(request, change);
    this.requests.push(request);
    this.engine.submit(request);
  }
}

/** Whatever the process has open, rings and events included. */
export { openFds as descriptors } from "../helpers/open-fds.mjs";

export async function collect(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    (globalThis as unknown as { gc?: () => void }).gc?.();
    await turn();
  }
}
