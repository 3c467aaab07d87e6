// The options of createEio that make lanes, checked: what a lane may do, named by the user or made for each mounted
// file system. It does not know how lanes are kept.
import { inspect } from "node:util";
import {
  DEFAULT_LANE,
  type LaneLimits,
  type MountLimits,
  SHARE,
  defaultMountLimits,
} from "../../engine/options.ts";
import { misuseError } from "../../util/errors.ts";
import { checkNames, checkObject } from "../option-names.ts";

export interface LaneOptions {
  /**
   * So many of its requests run at once, over all backends, on workers of their own beyond the
   * pool's; by default there is no limit, and it has no workers of its own.
   */
  maxParallel?: number | undefined;
  /** Its part of what is handed out while other lanes have work too; 4 by default. */
  share?: number | undefined;
}

export interface MountOptions extends LaneOptions {
  /** Of a file system that is neither remote nor a program's: so many requests at once; 32 by default. */
  localParallel?: number | undefined;
}

export interface LanesOptions {
  /** Lanes by name; `default` is where requests go that name none. */
  lanes?: Record<string, LaneOptions> | undefined;
  /** Each mounted file system gets a lane of its own: a dead one holds only its own workers. */
  isolateMounts?: boolean | MountOptions | undefined;
  /** An event `stuck` reports each request that runs for longer. */
  stuckAfterMs?: number | undefined;
}

export interface ReadLanes {
  lanes: Record<string, LaneLimits> | null;
  mounts: MountLimits | null;
  apartMax: number;
}

/** Workers at most that one lane may have. */
const PARALLEL_MAX = 256;
const SHARE_MAX = 1000;
/** Requests of remote file systems that may be in flight, all together. */
const MOUNTS_APART_MAX = 64;

const invalid = (name: string, want: string, got: unknown): Error =>
  misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(got));

function checkNumber(
  name: string,
  value: unknown,
  max: number,
  whole: boolean,
): void {
  if (value === undefined) return;
  if (
    typeof value !== "number" ||
    !(whole ? value >= 1 && Number.isInteger(value) : value > 0) ||
    value > max
  )
    throw invalid(
      name,
      whole
        ? `an integer from 1 to ${max}`
        : `a number above 0, at most ${max}`,
      value,
    );
}

const laneNames = ["maxParallel", "share"];
const mountNames = [...laneNames, "localParallel"];

function checkLane(
  name: string,
  options: MountOptions,
  names = laneNames,
): void {
  checkNames(options, names, name);
  checkNumber(`${name}.maxParallel`, options.maxParallel, PARALLEL_MAX, true);
  checkNumber(`${name}.share`, options.share, SHARE_MAX, false);
}

function limitsOf(name: string, options: LaneOptions): LaneLimits {
  checkLane(`lanes.${name}`, options);
  const { maxParallel = Infinity, share = SHARE } = options;
  return { maxParallel, share, apart: maxParallel !== Infinity };
}

function mountLimits(
  options: LanesOptions["isolateMounts"],
): MountLimits | null {
  if (options === undefined || options === false) return null;
  if (options === true) return defaultMountLimits;
  const name = "isolateMounts";
  checkLane(name, options, mountNames);
  const { maxParallel, localParallel, share } = options;
  checkNumber(`${name}.localParallel`, localParallel, PARALLEL_MAX, true);
  return {
    maxParallel: maxParallel ?? defaultMountLimits.maxParallel,
    localParallel: localParallel ?? defaultMountLimits.localParallel,
    share: share ?? defaultMountLimits.share,
  };
}

/** What lanes may have in flight has to leave slots to all others. */
export function readLanes(options: LanesOptions, slots: number): ReadLanes {
  const mounts = mountLimits(options.isolateMounts);
  let lanes: ReadLanes["lanes"] = null;
  let apartMax = 0;
  if (options.lanes !== undefined) {
    checkObject(options.lanes, "lanes");
    lanes = {};
    for (const [name, lane] of Object.entries(options.lanes)) {
      const limits = (lanes[name] = limitsOf(name, lane));
      if (limits.apart) apartMax += limits.maxParallel;
    }
    const unlimited = lanes[DEFAULT_LANE];
    if (unlimited?.apart)
      throw invalid(
        `lanes.${DEFAULT_LANE}.maxParallel`,
        "left out: the pool's maxParallel is its limit",
        unlimited.maxParallel,
      );
  }
  const room = slots >> 1;
  if (apartMax > room)
    throw invalid(
      "lanes",
      `lanes of maxParallel ${room} at most, all together: half of the slots`,
      apartMax,
    );
  if (mounts !== null) apartMax += Math.min(MOUNTS_APART_MAX, room - apartMax);
  return { lanes, mounts, apartMax };
}
