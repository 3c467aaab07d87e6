// In which lane a request goes: the one that its caller named; that of the open which made its descriptor; that of the file system
// that its path lies on. File systems are found by the kernel's table of mounts alone, without a look at them, since one may be dead.
// It knows which ops make descriptors and which end them, from the table, and no op by name.
import fs from "node:fs";
import path from "node:path";
import { opByCode, ops, type OpName } from "../ops/table.ts";
import type { Folder, Request } from "../request/request.ts";
import { misuseError } from "../util/errors.ts";
import { fileSystemOf } from "../util/file-systems.ts";
import { clockMs } from "../util/node-timers.ts";
import {
  defaultMountLimits,
  type LaneLimits,
  type MountLimits,
} from "./options.ts";

export type Path = string | Uint8Array;

/** By code: what ends a descriptor that another op made. */
const ends = new Set(
  opByCode.flatMap((op) =>
    op?.undo === undefined ? [] : [ops[op.undo as OpName].code as number],
  ),
);

interface Lane {
  readonly index: number;
  readonly name: string;
  readonly limits: LaneLimits;
}

/** The lanes that there are; one is added for each mount that a path or descriptor is found on. */
export interface LaneList extends Iterable<Lane> {
  named(name: string): Lane | undefined;
  at(index: number): Lane;
  add(name: string, limits: LaneLimits): Lane;
}

export class LaneRouting {
  readonly #lanes: LaneList;
  readonly #mounts: Mounts | null;
  readonly #limits: MountLimits;
  readonly #byDevice = new Map<string, Lane>();
  /** Descriptors that were opened in a lane. */
  readonly #byDescriptor = new Map<number, number>();

  constructor(
    lanes: LaneList,
    limits: MountLimits | null,
    mounts = new Mounts(),
  ) {
    this.#lanes = lanes;
    this.#limits = limits ?? defaultMountLimits;
    this.#mounts = limits === null ? null : mounts;
  }

  /** Throws for a lane that there is not. */
  place(request: Request): void {
    const { laneName, fd, path, path2, wd, wd2 } = request;
    if (laneName !== null) request.lane = this.#named(laneName).index;
    else if (path !== null || wd !== null)
      request.lane = this.#narrower(this.ofPath(path ?? "", wd), path2, wd2);
    else if (fd >= 0) request.lane = this.#ofDescriptor(fd);
    if (fd >= 0 && ends.has(request.op)) this.#byDescriptor.delete(fd);
  }

  /** Its descriptor, if it made one, stays in its lane. */
  done({ op, lane }: Request, result: number): void {
    if (result < 0 || opByCode[op]!.result !== "fd") return;
    if (lane === 0 && this.#mounts === null) this.#byDescriptor.delete(result);
    else this.#byDescriptor.set(result, lane);
  }

  /** The number of the lane of a path. */
  ofPath(path: Path, wd: Folder | null = null): number {
    if (this.#mounts === null) return 0;
    const mount = this.#mounts.ofPath(path, wd);
    return mount === undefined ? 0 : this.#ofMount(mount);
  }

  /** Of two paths the one with less room: what hangs there holds nothing of the other. */
  #narrower(lane: number, path2: Path | null, wd2: Folder | null): number {
    if (this.#mounts === null || path2 === null) return lane;
    const other = this.ofPath(path2, wd2);
    const { maxParallel } = this.#lanes.at(other).limits;
    return maxParallel < this.#lanes.at(lane).limits.maxParallel ? other : lane;
  }

  #named(name: string): Lane {
    const lane = this.#lanes.named(name);
    if (lane !== undefined) return lane;
    const names = [...this.#lanes].map((lane) => lane.name);
    throw misuseError("ERR_EIO_UNKNOWN_LANE", name, names.join(", "));
  }

  /** What others opened is looked up each time: they may close it, and its number comes back. */
  #ofDescriptor(fd: number): number {
    const known = this.#byDescriptor.get(fd);
    if (known !== undefined) return known;
    const mount = this.#mounts?.ofDescriptor(fd);
    return mount === undefined ? 0 : this.#ofMount(mount);
  }

  #ofMount(mount: Mount): number {
    const known = this.#byDevice.get(mount.device);
    if (known !== undefined && known.limits.apart === mount.remote)
      return known.index;
    const name = this.#unusedName(mount);
    const lane = this.#lanes.add(name, this.#limitsOf(mount));
    this.#byDevice.set(mount.device, lane);
    return lane.index;
  }

  /** A device's number may come back for another file system, at the same place. */
  #unusedName({ point, device }: Mount): string {
    if (this.#lanes.named(point) === undefined) return point;
    let name = `${point} (${device})`;
    for (let i = 2; this.#lanes.named(name) !== undefined; i++)
      name = `${point} (${device}, ${i})`;
    return name;
  }

  #limitsOf({ remote }: Mount): LaneLimits {
    const { maxParallel, localParallel, share } = this.#limits;
    return {
      maxParallel: remote ? maxParallel : localParallel,
      share,
      apart: remote,
    };
  }
}

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

/**
 * A path is looked up by its longest prefix that is a mount point. A symbolic link that leads to another file system is not
 * seen: that would take a look at the file system.
 */
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
        remote: fileSystemOf(type).by === "others",
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
