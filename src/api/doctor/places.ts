// The file systems that paths lie on, and what the library does differently there. It looks at the kernel's table of mounts alone,
// since a file system may be dead.
import path from "node:path";
import { Mounts } from "../../engine/routing.ts";
import { fileSystemOf, type FileSystem } from "../../util/file-systems.ts";
import type { ReadText } from "./container.ts";

export interface Place {
  path: string;
  /** Where its file system is mounted; null: not known. */
  point: string | null;
  type: string | null;
  /** Another program or machine answers for it, and may never do so. */
  remote: boolean;
  about: string;
  /** What calls mean there that programs often ask about; null: not known. */
  meanings: FileSystem["meanings"];
}

const LOCAL =
  "local: nowait, where it is available, serves cached reads on the loop's own thread";

export function placesOf(paths: readonly string[], read: ReadText): Place[] {
  const mounts = new Mounts(() => read("/proc/self/mountinfo") ?? "");
  return paths.map((given) => {
    const where = path.resolve(given);
    const mount = mounts.ofPath(where);
    if (mount === undefined)
      return {
        ...{ path: where, point: null, type: null, remote: false },
        ...{ about: "this system has no table of mounts", meanings: null },
      };
    const { point, type, remote } = mount;
    const { about, meanings } = fileSystemOf(type);
    return {
      ...{ path: where, point, type, remote },
      ...{ about: about ?? LOCAL, meanings },
    };
  });
}
