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
