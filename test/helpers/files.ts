// A folder of its own for a test, a count of descriptors, and gates: fifos that hold a worker in open()
// until they are released.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import {
  send,
  until,
  type Engine,
  type Registers,
  type Sent,
} from "./engine.ts";

export interface TestFolder {
  path: string;
  file(name: string, data?: string | Uint8Array): string;
  join(name: string): string;
}

/** Made now, removed after the test file. */
export function testFolder(): TestFolder {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "eio-test-"));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  const join = (name: string): string => path.join(folder, name);
  return {
    path: folder,
    join,
    file(name, data = "") {
      fs.writeFileSync(join(name), data);
      return join(name);
    },
  };
}

/** Descriptors of this process that are open on something below a folder. */
export function descriptorsBelow(folder: string): string[] {
  return fs.readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = fs.readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(folder) ? [target] : [];
    } catch {
      return [];
    }
  });
}

/** A request on a gate blocks its worker until release(). */
export class Gate {
  readonly path: string;

  constructor(folder: TestFolder, name: string) {
    this.path = folder.join(name);
    execFileSync("mkfifo", [this.path]);
  }

  /** A whole-file read: it ends with no bytes when the gate is released. */
  block(engine: Engine, registers: Registers = {}): Sent {
    return send(engine, "slurp", { path: this.path, ...registers });
  }

  /** Lets through the requests that wait in open(); there has to be one now or soon. */
  release(): Promise<void> {
    return until(() => this.tryRelease());
  }

  /** False while no reader waits at the gate: only then a writer cannot open it. */
  tryRelease(): boolean {
    const { O_WRONLY, O_NONBLOCK } = fs.constants;
    try {
      fs.closeSync(fs.openSync(this.path, O_WRONLY | O_NONBLOCK));
      return true;
    } catch {
      return false;
    }
  }
}
