// Programs that run one case each, and that do not outlive the bench: what they print and answer is
// collected, and whoever still runs at the end is killed. It knows no case.
import { spawn, type ChildProcess } from "node:child_process";
import { builtFile } from "./built.ts";
import { WARM, type Answer, type Order } from "./case.ts";

/** Built: a child process runs no TypeScript. */
export const caseFile = builtFile("case.js");

const running = new Set<ChildProcess>();

/** Kills at once what still runs. */
export function killChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** The message that it sent, of a child of this Node. */
  message: unknown;
}

/** A program that is talked to, or killed, while it runs. `ended` rejects only where there is none. */
export function startProgram(
  program: string,
  args: string[],
  ipc: boolean,
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(program, args, {
    stdio: ipc ? ["ignore", "pipe", "pipe", "ipc"] : ["ignore", "pipe", "pipe"],
    // Lists of pairs go quicker as structured clones.
    serialization: "advanced",
  });
  running.add(child);
  let stdout = "";
  let stderr = "";
  let message: unknown;
  child
    .stdout!.setEncoding("utf8")
    .on("data", (text: string) => void (stdout += text));
  child
    .stderr!.setEncoding("utf8")
    .on("data", (text: string) => void (stderr += text));
  child.on("message", (received) => void (message = received));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", (error) => {
      running.delete(child);
      reject(error);
    });
    child.on("close", (status, signal) => {
      running.delete(child);
      resolve({ status, signal, stdout, stderr, message });
    });
  });
  return { child, ended };
}

/** Rejects only where there is no such program. */
export function runProgram(
  program: string,
  args: string[],
  hear?: (message: unknown, child: ChildProcess) => void,
): Promise<Ended> {
  const { child, ended } = startProgram(program, args, hear !== undefined);
  if (hear !== undefined)
    child.on("message", (received) => hear(received, child));
  return ended;
}

/** One run of a case in a Node process of its own; `drop` is for a cold one, after its warm-up. */
export async function runCase(
  order: Order,
  drop: () => Promise<void>,
): Promise<Answer> {
  const args = [caseFile, JSON.stringify(order)];
  let dropFailed: Error | undefined;
  const hear = (message: unknown, child: ChildProcess): void => {
    if (message !== WARM) return;
    drop().then(
      () => child.send("dropped"),
      (error: Error) => {
        dropFailed = error;
        child.kill("SIGKILL");
      },
    );
  };
  const ended = await runProgram(process.execPath, args, hear);
  if (dropFailed !== undefined) throw dropFailed;
  const { message } = ended;
  if (message !== undefined && message !== WARM) return message as Answer;
  return endedEarly(ended);
}

function endedEarly({ status, signal, stderr }: Ended): Answer {
  const last = stderr.trim().split("\n").at(-1) ?? "";
  return {
    failure: {
      message: `the process ended (status ${status ?? signal}) ${last}`.trim(),
    },
  };
}

/** A Node process that runs one case after the other, none of them cold: what it has compiled for one serves the next. */
export class CaseProcess {
  readonly #child: ChildProcess;
  readonly #early: Promise<Answer>;

  constructor() {
    const { child, ended } = startProgram(process.execPath, [caseFile], true);
    this.#child = child;
    this.#early = ended.then(endedEarly);
  }

  run(order: Order): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) =>
      this.#child.once("message", (answer) => resolve(answer as Answer)),
    );
    // Where it has ended, `#early` says so.
    if (this.#child.connected) this.#child.send(order, () => {});
    return Promise.race([answered, this.#early]);
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}
