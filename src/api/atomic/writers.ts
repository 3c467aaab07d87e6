// Which thread writes a temporary file, as its name shows, and whether that one is gone. Where the
// system does not say, nobody is.
import { readFileSync, readlinkSync } from "node:fs";
import type { Writer } from "../../ops/atomic.ts";

const HOST_DIGITS = 8;
/** The number of the thread is the first field, when it began the twenty-second. */
const START = 21;

function statFields(path: string): string[] | null {
  try {
    const text = readFileSync(path, "latin1");
    // The second one is the thread's name, which may be anything.
    const name = text.lastIndexOf(")");
    return [
      text.slice(0, text.indexOf(" ")),
      "",
      ...text.slice(name + 2).split(" "),
    ];
  } catch {
    return null;
  }
}

/** This boot of this machine, and the container on it: elsewhere the same numbers are others'. */
function readHost(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1");
    const [space = "0"] = /\d+/.exec(readlinkSync("/proc/self/ns/pid")) ?? [];
    const digits = boot.replaceAll("-", "").slice(0, HOST_DIGITS);
    return digits + BigInt(space).toString(16);
  } catch {
    return "0";
  }
}

let own: Writer | null = null;

export function thisWriter(): Writer {
  if (own !== null) return own;
  const pid = String(process.pid);
  const fields = statFields("/proc/thread-self/stat");
  own = {
    host: readHost(),
    pid,
    tid: fields?.[0] ?? pid,
    start: fields?.[START] ?? "0",
  };
  return own;
}

/** For writers of this host alone. */
export function isGone({ pid, tid, start }: Writer): boolean {
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  if (start === "0") return false;
  const fields = statFields(`/proc/${pid}/task/${tid}/stat`);
  if (fields !== null) return fields[START] !== start;
  // The thread has ended, if its process may be looked at.
  return statFields(`/proc/${pid}/stat`) !== null;
}
