// Which file system a path or a descriptor lies on, found without a look at the file system itself,
// which may be dead: by the kernel's table of mounts alone. It knows names and numbers, no lanes.
//
// A path is looked up by its longest prefix that is a mount point. A symbolic link that leads to
// another file system is not seen: that would take a look at the file system.
import fs from "node:fs";
import path from "node:path";
import type { Folder } from "../request/request.ts";
import { clockMs } from "../util/node-timers.ts";

export type Path = string | Uint8Array;

export interface Mount {
  /** Device number, as `major:minor`: one for all mounts of a file system. */
  device: string;
  point: string;
  type: string;
  /** Its replies come from another program or machine, and may never come. */
  remote: boolean;
}

/** Kept until the table is known to have changed, but never longer than this. */
const KEEP_MS = 100;
/** Reading the table takes at most one part in so many of the time. */
const READ_SHARE = 100;
const TABLE = "/proc/self/mountinfo";

const REMOTE =
  /^(fuse|fuseblk|fuse\..*|nfs4?|cifs|smb3|smbfs|9p|virtiofs|ceph|afs|coda|lustre|glusterfs|beegfs|gpfs|orangefs|pvfs2|ocfs2|gfs2|davfs|autofs)$/;

export class Mounts {
  readonly #read: () => string;
  #text = "";
  #byPoint = new Map<string, Mount>();
  #byId = new Map<string, Mount>();
  #staleMs = 0;

  /** `read` returns the table; for tests. */
  constructor(read = () => fs.readFileSync(TABLE, "utf8")) {
    this.#read = read;
  }

  /** undefined: not known. */
  ofPath(name: Path, wd: Folder | null = null): Mount | undefined {
    this.#refresh();
    const text = typeof name === "string" ? name : Buffer.from(name).toString();
    const start = wd === null || text[0] === "/" ? "" : startOf(wd);
    for (let at = path.posix.resolve(start, text); ;) {
      const mount = this.#byPoint.get(at);
      if (mount !== undefined || at === "/") return mount;
      at = at.slice(0, at.lastIndexOf("/")) || "/";
    }
  }

  /** Of a descriptor of unknown origin; what is no file of a mount (a pipe) has none. */
  ofDescriptor(fd: number): Mount | undefined {
    this.#refresh();
    try {
      const info = fs.readFileSync(`/proc/self/fdinfo/${fd}`, "latin1");
      return this.#byId.get(/^mnt_id:\s*(\d+)/m.exec(info)?.[1] ?? "");
    } catch {
      return undefined;
    }
  }

  #refresh(): void {
    const nowMs = clockMs();
    if (nowMs < this.#staleMs) return;
    const text = this.#text;
    try {
      this.#text = this.#read();
    } catch {
      // No descriptor to be had, or no such table on this system: what is known stays.
    }
    if (this.#text !== text) this.#parse();
    const endMs = clockMs();
    this.#staleMs = endMs + Math.max(KEEP_MS, (endMs - nowMs) * READ_SHARE);
  }

  /** `36 35 98:0 /root /point options [optional ...] - type source options` */
  #parse(): void {
    this.#byPoint = new Map();
    this.#byId = new Map();
    for (const line of this.#text.split("\n")) {
      const fields = line.split(" ");
      const [id, , device, , point] = fields;
      const type = fields[fields.indexOf("-", 6) + 1];
      if (point === undefined || type === undefined) continue;
      const mount = {
        device: device!,
        point: unescaped(point),
        type,
        remote: REMOTE.test(type),
      };
      // A later one at the same place covers those before.
      this.#byPoint.set(mount.point, mount);
      this.#byId.set(id!, mount);
    }
  }
}

/** The name of a folder that is open: the kernel keeps it, so the file system is left alone. */
function startOf({ fd, prefix }: Folder): string {
  if (prefix !== null) return prefix;
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
}

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(parseInt(octal, 8)),
  );
