// What file systems may lose when the power goes, as far as a program can rely on it. Only rules are here; crash.ts applies
// them. Sources are in docs/faults.md.

export interface Profile {
  /** Names, sizes and modes reach the disk in the order in which they were changed, up to some point. */
  journal: boolean;
  /** An fsync brings everything to the disk that was changed before what it is for, and not that alone. */
  syncsEarlier: boolean;
  /** A rename over another file waits for the data of the new one. */
  replacesWithData: boolean;
  /** A file is never longer than its data: it grows when that is there. */
  growsWithData: boolean;
  /** What is written over old data is torn at multiples of this. */
  unitBytes: number;
  /** Where a file became longer without its data there may be old content of the disk, and not zeros alone. */
  stale: boolean;
}

const SECTOR_BYTES = 512;
const PAGE_BYTES = 4096;

export const profiles = {
  posix: {
    ...{ journal: false, syncsEarlier: false, replacesWithData: false },
    ...{ growsWithData: false, unitBytes: SECTOR_BYTES, stale: true },
  },
  ext4: {
    ...{ journal: true, syncsEarlier: true, replacesWithData: true },
    ...{ growsWithData: true, unitBytes: SECTOR_BYTES, stale: false },
  },
  xfs: {
    ...{ journal: true, syncsEarlier: true, replacesWithData: false },
    ...{ growsWithData: true, unitBytes: SECTOR_BYTES, stale: false },
  },
  btrfs: {
    ...{ journal: true, syncsEarlier: false, replacesWithData: false },
    ...{ growsWithData: true, unitBytes: PAGE_BYTES, stale: false },
  },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof profiles;
