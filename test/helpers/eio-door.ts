// Doors of libeio's form for tests, each with an instance of its own, and requests as promises.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { afterAll } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import type { EioOptions } from "../../src/api/instance/options.ts";
import type { EioRequest } from "../../src/api/eio/request.ts";
import type { EioDoor } from "../../src/api/eio/types.ts";
import type { TestFolder } from "./files.ts";

export type { EioDoor, EioRequest };

export function makeDoor(options: EioOptions = {}): EioDoor {
  return makeInstance(options).eio;
}

/** Closed after the test file. */
export function makeInstance(options: EioOptions = {}): Eio {
  const small = { arenaBytes: 4 << 20, allocBytes: 16 << 20, slots: 256 };
  const instance = createEio({ maxParallel: 2, ...small, ...options });
  afterAll(() => instance.close());
  return instance;
}

type Loose = Record<string, (...args: unknown[]) => unknown>;

/** Submits a request by its name, with its own arguments; resolves when it has ended. */
export const ended = (
  door: EioDoor,
  name: string,
  ...args: unknown[]
): Promise<EioRequest<unknown, never>> =>
  new Promise((resolve) => {
    const { constants: _constants, ...calls } = door;
    (calls as unknown as Loose)[name]!(...args, 0, resolve);
  });

/** What is compared of a request that has ended. */
export const outcome = ({
  result,
  code,
}: EioRequest): [number, string | undefined] => [result, code];

/** A read that opens it blocks its worker until it is released. */
export class Latch {
  readonly path: string;

  constructor(folder: TestFolder, name: string) {
    this.path = folder.join(name);
    execFileSync("mkfifo", [this.path]);
  }

  /** Waits for a reader. */
  release(): void {
    fs.closeSync(fs.openSync(this.path, "w"));
  }
}
