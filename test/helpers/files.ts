// A count of descriptors, and gates: fifos that hold a worker in open() until they are released. The folder of a test is at hand
// here, too.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import {
  send,
  until,
  type Engine,
  type Registers,
  type Sent,
} from "./engine.ts";
import { testFolder, type TestFolder } from "./folder.ts";

export { testFolder, type TestFolder };

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
