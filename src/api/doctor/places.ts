// The file systems that paths lie on, and what the library does differently there. It looks at the kernel's table of mounts alone,
// since a file system may be dead.
import path from "node:path";
import { Mounts } from "../../engine/routing.ts";
import type { ReadText } from "./container.ts";

export interface Place {
  path: string;
  /** Where its file system is mounted; null: not known. */
  point: string | null;
  type: string | null;
  /** Another program or machine answers for it, and may never do so. */
  remote: boolean;
  about: string;
}

const byType: Record<string, string> = {
  tmpfs: "in memory: nothing there survives a restart, whatever is synced",
  ramfs: "in memory: nothing there survives a restart, whatever is synced",
  overlay:
    "a container's layers: the first write to an old file copies all of it; a volume does not",
  proc: "made by the kernel: sizes are 0, files are read to their end",
  sysfs: "made by the kernel: sizes are 0, files are read to their end",
};

const REMOTE =
  "can stop responding: the loop's own thread leaves it alone, threads may hang in it";
const LOCAL =
  "local: cached reads on the loop's own thread where there is nowait";

export function placesOf(paths: readonly string[], read: ReadText): Place[] {
  const mounts = new Mounts(() => read("/proc/self/mountinfo") ?? "");
  return paths.map((given) => {
    const where = path.resolve(given);
    const mount = mounts.ofPath(where);
    if (mount === undefined)
      return {
        ...{ path: where, point: null, type: null, remote: false },
        about: "this system has no table of mounts",
      };
    const { point, type, remote } = mount;
    const about = remote ? REMOTE : (byType[type] ?? LOCAL);
    return { path: where, point, type, remote, about };
  });
}
