// What is left on a simulated disk after a loss of power: the changes that an fsync covers, and of all others a random part,
// within the rules of a file system. It knows the history of a volume, not who made it.
//
//   history up to the crash --which names are there--> tree --which data is there--> files --what a path leads to--> left
import { Seeded } from "../../util/seeded.ts";
import { replayData, type DataChange, type Fate } from "./crash-data.ts";
import {
  ROOT,
  copyInode,
  makeInode,
  type Change,
  type Inode,
  type NameChange,
} from "./inodes.ts";
import type { Profile } from "./profiles.ts";
import type { Volume } from "./volume.ts";

export interface CrashOptions {
  seed: number;
  /** After so many changes. */
  at: number;
  profile: Profile;
}

const NEVER = -1;

export function crash(
  volume: Volume,
  options: CrashOptions,
): Map<number, Inode> {
  const { seed, at, profile } = options;
  const random = new Seeded(seed, at);
  const history = volume.history.slice(0, at);
  const syncs = new Syncs(history);
  const committed = profile.journal
    ? commitPoint(history, syncs, profile, random)
    : 0;
  const left = new Map(
    [...volume.base].map(([ino, inode]) => [ino, copyInode(inode)]),
  );
  for (const [ino, { type, bornMode, target, birthMs }] of volume.inodes) {
    if (left.has(ino)) continue;
    const inode = makeInode(ino, type, bornMode, birthMs);
    left.set(ino, Object.assign(inode, { target }));
  }
  const barriers = new Map<number, number>();
  history.forEach((change, time) => {
    if (change.kind !== "names") return;
    for (const names of partsOf(change.names, left, profile)) {
      if (!isKept(names, time, { profile, syncs, committed, random })) continue;
      for (const [folder, name, ino] of names) {
        const { entries } = left.get(folder)!;
        if (ino === null) entries.delete(name);
        else entries.set(name, ino);
        if (
          ino !== null &&
          change.replaces !== null &&
          profile.replacesWithData
        )
          barriers.set(ino, time);
      }
    }
  });
  const changes = new Map<number, [DataChange, Fate][]>();
  history.forEach((change, time) => {
    if (
      change.kind !== "write" &&
      change.kind !== "resize" &&
      change.kind !== "attributes"
    )
      return;
    const { ino } = change;
    const covered =
      syncs.after(ino, time) || (barriers.get(ino) ?? NEVER) > time;
    const fate: Fate = { covered, committed: time < committed };
    if (!changes.has(ino)) changes.set(ino, []);
    changes.get(ino)!.push([change, fate]);
  });
  for (const [ino, list] of changes)
    replayData(left.get(ino)!, list, profile, random);
  return reachable(left);
}

/** When files and folders were synced for the last time. */
class Syncs {
  readonly #last = new Map<number, number>();
  #all = NEVER;

  constructor(history: readonly Change[]) {
    history.forEach((change, time) => {
      if (change.kind === "sync") this.#last.set(change.ino, time);
      else if (change.kind === "syncAll") this.#all = time;
    });
  }

  get all(): number {
    return this.#all;
  }

  after(ino: number, time: number): boolean {
    return Math.max(this.#all, this.#last.get(ino) ?? NEVER) > time;
  }
}

/** Changes of names, sizes and modes before it are on the disk: at least those that a sync waited for. */
function commitPoint(
  history: readonly Change[],
  syncs: Syncs,
  { syncsEarlier }: Profile,
  random: Seeded,
): number {
  let least = syncs.all + 1;
  if (syncsEarlier) {
    const changed = new Map<number, number>();
    const sizes = new Map<number, number>();
    history.forEach((change, time) => {
      if (change.kind === "names")
        for (const [folder, , ino] of change.names)
          for (const one of [folder, ino])
            if (one !== null) changed.set(one, time);
      if (change.kind === "resize" || change.kind === "attributes")
        changed.set(change.ino, time);
      if (change.kind === "resize") sizes.set(change.ino, change.size);
      if (change.kind === "write") {
        const end = change.offset + change.bytes.byteLength;
        if (end > (sizes.get(change.ino) ?? 0)) {
          sizes.set(change.ino, end);
          changed.set(change.ino, time);
        }
      }
      if (change.kind === "sync")
        least = Math.max(least, (changed.get(change.ino) ?? NEVER) + 1);
    });
  }
  const kind = random.below(4);
  if (kind === 0) return least;
  if (kind === 1) return history.length;
  return least + random.below(history.length - least + 1);
}

/** Without a journal each folder is on its own, but a folder that is moved is in one place. */
function partsOf(
  names: NameChange[],
  inodes: Map<number, Inode>,
  { journal }: Profile,
): NameChange[][] {
  const isMoved = names.some(
    ([, , ino]) => ino !== null && inodes.get(ino)!.type === "folder",
  );
  if (journal || isMoved) return [names];
  const folders = [...new Set(names.map(([folder]) => folder))];
  return folders.map((folder) => names.filter(([of]) => of === folder));
}

function isKept(
  names: NameChange[],
  time: number,
  {
    profile,
    syncs,
    committed,
    random,
  }: { profile: Profile; syncs: Syncs; committed: number; random: Seeded },
): boolean {
  if (names.every(([folder]) => syncs.after(folder, time))) return true;
  if (!profile.journal) return random.chance(0.5);
  if (time < committed) return true;
  // A file that is synced by itself takes its names along.
  return (
    !profile.syncsEarlier &&
    names.some(([, , ino]) => ino !== null && syncs.after(ino, time))
  );
}

/** What no path leads to is gone; links are counted again, and a folder has one place. */
function reachable(inodes: Map<number, Inode>): Map<number, Inode> {
  const found = new Map<number, Inode>();
  const root = inodes.get(ROOT)!;
  found.set(ROOT, root);
  const folders = [root];
  for (let folder = folders.pop(); folder; folder = folders.pop())
    for (const [name, ino] of folder.entries) {
      const inode = inodes.get(ino)!;
      if (inode.type === "folder") {
        if (found.has(ino)) {
          folder.entries.delete(name);
          continue;
        }
        inode.parent = folder.ino;
        folders.push(inode);
      }
      inode.links = found.has(ino) ? inode.links + 1 : 1;
      found.set(ino, inode);
    }
  return found;
}
