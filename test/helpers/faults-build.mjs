// The build of the native code that has faults, for tests alone. It is made by the first process that wants it, while others wait for that.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { isCurrent } from "../../scripts/support/native-current.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const folder = path.join(root, "native-aio/build/faults");
const file = path.join(folder, "node-eio.node");

/** Where it is; or would be, where nothing can be compiled. */
export function faultsBuild() {
  if (isCurrent(file)) return file;
  fs.mkdirSync(folder, { recursive: true });
  const script = path.join(root, "scripts/build-native.mjs");
  const args = [script, `--out=${file}`];
  const env = { ...process.env, EIO_CFLAGS: "-DEIO_DEBUG -DEIO_FAULTS" };
  const lock = path.join(folder, "lock");
  // What was compiled meanwhile is only linked again.
  const locked = spawnSync("flock", [lock, process.execPath, ...args], { env });
  if (locked.error !== undefined) execFileSync(process.execPath, args, { env });
  return file;
}
