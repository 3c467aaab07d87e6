// How many descriptors this process has open, without the file that a sanitizer opens when it has something to report
// (see scripts/test-sanitized.mjs): it would count as one that was left open. It does not know what the others are of.
import fs from "node:fs";

export function openFds() {
  return fs.readdirSync("/proc/self/fd").filter((fd) => !isReport(fd)).length;
}

function isReport(fd) {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`).includes("node-eio-reports-");
  } catch {
    // That of the listing, which is always one.
    return false;
  }
}
