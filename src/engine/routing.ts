// In which lane a request goes: the one that its caller named; that of the open which made its
// descriptor; that of the file system that its path lies on. It knows which ops make descriptors and
// which end them, from the table, and no op by name.
import { opByCode, ops, type OpName } from "../ops/table.ts";
import type { Folder, Request } from "../request/request.ts";
import { misuseError } from "../util/errors.ts";
import { SHARE } from "./default-lane.ts";
import type { Lane, LaneLimits, Lanes } from "./lanes.ts";
import { Mounts, type Mount, type Path } from "./mounts.ts";

export interface MountLimits {
  /** Of one that is remote: so many requests at once, on workers of their own. */
  maxParallel: number;
  /** Of any other: so many requests at once. */
  localParallel: number;
  share: number;
}

export const defaultMountLimits: MountLimits = {
  maxParallel: 4,
  localParallel: 32,
  share: SHARE,
};

/** By code: what ends a descriptor that another op made. */
const ends = new Set(
  opByCode.flatMap((op) =>
    op?.undo === undefined ? [] : [ops[op.undo as OpName].code as number],
  ),
);

export class LaneRouting {
  readonly #lanes: Lanes;
  readonly #mounts: Mounts | null;
  readonly #limits: MountLimits;
  readonly #byDevice = new Map<string, Lane>();
  /** Descriptors that were opened in a lane. */
  readonly #byDescriptor = new Map<number, number>();

  constructor(lanes: Lanes, limits: MountLimits | null, mounts = new Mounts()) {
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
