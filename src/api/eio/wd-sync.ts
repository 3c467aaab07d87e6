// libeio's synchronous forms of wd_open and wd_close: on the caller's own thread, for programs that start. It knows
// no request.
import fs from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { invalidArgType } from "../argument-errors.ts";
import { Descriptor } from "../handles/descriptor.ts";
import { pathOf } from "../sys/check.ts";
import {
  absoluteNow,
  FOLDER,
  workingDirectory,
} from "../working-directories/open.ts";
import { WorkingDirectory } from "../working-directories/working-directory.ts";
import { EIO_INVALID_WD } from "./constants.ts";
import type { EioWd } from "./request.ts";

export function openSync(engine: () => Engine, folder: unknown): EioWd {
  const given = pathOf("path", folder);
  const named = typeof given === "string" ? given : Buffer.from(given);
  let fd: number;
  try {
    fd = fs.openSync(named, FOLDER);
  } catch {
    return EIO_INVALID_WD;
  }
  const descriptor = new Descriptor(engine(), fd);
  const within = absoluteNow(undefined, named.toString());
  return workingDirectory(engine, descriptor, realpathOf(fd), within);
}

function realpathOf(fd: number): string | null {
  if (process.platform !== "linux") return null;
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}

export function closeSync(wd: unknown): void {
  if (wd === EIO_INVALID_WD) return;
  if (!(wd instanceof WorkingDirectory))
    throw invalidArgType("wd", "a working directory", wd);
  // Requests that started there are done first.
  void wd.close();
}
