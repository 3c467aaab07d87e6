// Whether the process or the system is short of descriptors right now: what fails meanwhile says nothing of
// what this machine can do. It does not know what is to be opened.
import fs from "node:fs";
import { dist } from "./package.ts";

const openSync = fs.openSync;
const closeSync = fs.closeSync;

export function shortOfDescriptors(): boolean {
  try {
    closeSync(openSync(dist, "r"));
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EMFILE" || code === "ENFILE";
  }
}

/** Whether something failed for want of one: of a package whose description Node cannot read it says so only in words. */
export function wantsDescriptor(error: unknown): boolean {
  const { code, message } = (error ?? {}) as NodeJS.ErrnoException;
  return (
    code === "EMFILE" ||
    code === "ENFILE" ||
    (code === "ERR_INVALID_PACKAGE_CONFIG" &&
      message.includes("too many open files")) ||
    (code === "MODULE_NOT_FOUND" && shortOfDescriptors())
  );
}
