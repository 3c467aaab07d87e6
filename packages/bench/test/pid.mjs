// node:fs/promises that notes in which process it is used, or ends that process, for the test of processes that last: PID_FILE and
// PID_ENDS in the environment say so.
import fs from "node:fs";
import * as promises from "node:fs/promises";

export const { open } = promises;

export function stat(path) {
  if (process.env.PID_ENDS) process.exit(3);
  fs.appendFileSync(process.env.PID_FILE, `${process.pid}\n`);
  return promises.stat(path);
}
