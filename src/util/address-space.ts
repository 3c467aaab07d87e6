// How much address space the process may still take where something limits it (`ulimit -v`). It knows what the system
// says, and not who needs how much.
import fs from "node:fs";

const MIB = 1 << 20;
const KIB = 1 << 10;

interface AddressSpace {
  limitBytes: number;
  usedBytes: number;
}

const numberIn = (file: string, pattern: RegExp): number =>
  // Node reads it in one call as UTF-8, and in four, on code that nobody has run yet, as anything else.
  Number(pattern.exec(fs.readFileSync(file, "utf8"))?.[1]);

/** As for nearly everybody: it is looked for once. */
let unlimited = false;

/** null where there is no limit, or where the system does not say. */
function addressSpace(): AddressSpace | null {
  if (unlimited) return null;
  try {
    const limitBytes = numberIn(
      "/proc/self/limits",
      /^Max address space +(\d+)/m,
    );
    unlimited = Number.isNaN(limitBytes);
    if (unlimited) return null;
    const usedKib = numberIn("/proc/self/status", /^VmSize:\s+(\d+)/m);
    return { limitBytes, usedBytes: usedKib * KIB };
  } catch {
    return null;
  }
}

const mib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;

/** Why so many bytes more, with some to spare, are too many; null where they are not. */
export function noAddresses(bytes: number, spareBytes = 0): string | null {
  const space = addressSpace();
  if (space === null) return null;
  const { limitBytes, usedBytes } = space;
  if (limitBytes - usedBytes >= bytes + spareBytes) return null;
  return `it takes ${mib(bytes)} of address space, and of ${mib(limitBytes)} (ulimit -v) ${mib(usedBytes)} are in use`;
}
