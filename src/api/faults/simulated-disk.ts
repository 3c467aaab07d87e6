// A disk in memory whose power can go: programs run on it through createEio({ backend: disk }), and crash() gives what is left.
// It checks what it is given; what a file system may lose is not known here.
import { inspect } from "node:util";
import {
  makesBackend,
  type BackendMaker,
  type MakeBackend,
} from "../../backends/custom-backend.ts";
import { crash } from "../../backends/memory-disk/crash.ts";
import {
  ROOT,
  makeInode,
  type Inode,
} from "../../backends/memory-disk/inodes.ts";
import { MemoryFs } from "../../backends/memory-disk/memory-fs.ts";
import {
  profiles,
  type ProfileName,
} from "../../backends/memory-disk/profiles.ts";
import { makeSimulated } from "../../backends/memory-disk/simulated-backend.ts";
import { Volume } from "../../backends/memory-disk/volume.ts";
import { misuseError } from "../../util/errors.ts";
import { checkNames } from "../option-names.ts";

export interface DiskOptions {
  /** The file system whose rules a power loss follows. Default: `posix`, which guarantees least. */
  profile?: ProfileName;
  /** Maximum size of all files together; writes beyond it fail with ENOSPC. */
  capacityBytes?: number;
}

export interface CrashAt {
  /** Determines the random decisions about what is lost. */
  seed: number;
  /** The `position` at which the power fails. Default: now. */
  at?: number;
  /** The rules of the loss. Default: the profile of the disk. */
  profile?: ProfileName;
}

/** By default. The history is kept as well, so that a crash may be put anywhere in it. */
const CAPACITY_BYTES = 1 << 28;
const FOLDER = 0o040777;

const refuse = (name: string, want: string, got: unknown): Error =>
  misuseError("ERR_EIO_INVALID_OPTION", name, want, inspect(got));

function checkProfile(name: unknown): void {
  if (typeof name !== "string" || !Object.hasOwn(profiles, name))
    throw refuse("profile", `one of ${Object.keys(profiles).join(", ")}`, name);
}

function checkInteger(name: string, value: unknown, max: number): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0 || Number(value) > max)
    throw refuse(name, `an integer from 0 to ${max}`, value);
}

function emptyTree(): Map<number, Inode> {
  const nowMs = Date.now();
  const root = makeInode(ROOT, "folder", FOLDER, nowMs);
  const temporary = makeInode(ROOT + 1, "folder", FOLDER, nowMs);
  root.entries.set("tmp", temporary.ino);
  temporary.links = 1;
  return new Map([
    [ROOT, root],
    [temporary.ino, temporary],
  ]);
}

/** Files in memory, with disk and page cache kept apart: `crash()` loses what a power loss may lose. */
export class SimulatedDisk implements BackendMaker {
  readonly profile: ProfileName;
  readonly #capacityBytes: number;
  #volume: Volume;
  /** Synchronous functions of node:fs on its files, with which a test prepares and inspects them. */
  readonly fs: MemoryFs;

  constructor(options: DiskOptions = {}, tree = emptyTree()) {
    checkNames(options, ["profile", "capacityBytes"]);
    const { profile = "posix", capacityBytes = CAPACITY_BYTES } = options;
    checkProfile(profile);
    checkInteger("capacityBytes", capacityBytes, Number.MAX_SAFE_INTEGER);
    this.profile = profile;
    this.#capacityBytes = capacityBytes;
    this.#volume = new Volume(tree, { capacityBytes, now: () => Date.now() });
    this.fs = new MemoryFs(this.#volume);
  }

  /** The number of changes so far: of data, names and attributes, and syncs. */
  get position(): number {
    return this.#volume.history.length;
  }

  /** Returns another disk, with the contents after a power failure; this one is not affected. */
  crash(options: CrashAt): SimulatedDisk {
    checkNames(options, ["seed", "at", "profile"]);
    const { seed, at = this.position, profile = this.profile } = options;
    checkProfile(profile);
    checkInteger("seed", seed, Number.MAX_SAFE_INTEGER);
    checkInteger("at", at, this.position);
    const rules = profiles[profile];
    const tree = crash(this.#volume, { seed, at, profile: rules });
    const capacityBytes = this.#capacityBytes;
    return new SimulatedDisk({ profile, capacityBytes }, tree);
  }

  /** @internal */
  [makesBackend](): MakeBackend {
    return makeSimulated(this.fs);
  }
}

/** Creates a disk in memory, for `createEio({ backend })`, whose power can fail at any moment. */
export const simulatedDisk = (options?: DiskOptions): SimulatedDisk =>
  new SimulatedDisk(options);
