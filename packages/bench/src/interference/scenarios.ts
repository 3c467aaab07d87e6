// What else a server's process does beside its requests: the four things that node:fs shares libuv's threads
// with, or that hold one of them. It knows neither HTTP nor who is measured.
import { pbkdf2 } from "node:crypto";
import { lookup } from "node:dns";
import type fs from "node:fs";

export const scenarioNames = [
  "quiet",
  "crypto",
  "dns",
  "hung",
  "bulk",
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface Places {
  /** The files that are requested. */
  files: string[];
  /** A path on a file system that does not answer. */
  hung: string | null;
  /** A file of some megabytes. */
  bulk: string;
}

type Promises = typeof fs.promises;

const PBKDF2_AT_ONCE = 8;
const PBKDF2_ITERATIONS = 100_000;
const LOOKUPS_AT_ONCE = 8;
/** As many as libuv has threads: more would only wait behind these. */
const HUNG_AT_ONCE = 4;
const READERS = 8;
const BLOCK_BYTES = 1 << 20;
const BLOCKS = 64;

export const about: Record<ScenarioName, string> = {
  quiet: "nothing else",
  crypto: `${PBKDF2_AT_ONCE} pbkdf2 at a time`,
  dns: `${LOOKUPS_AT_ONCE} dns.lookup at a time to a resolver that does not answer`,
  hung: `${HUNG_AT_ONCE} stats on a FUSE mount that does not answer`,
  bulk: `${READERS} readers of blocks of 1 MiB`,
};

/** Begins, and goes on until the process ends. */
export const disturb: Record<
  ScenarioName,
  (promises: Promises, places: Places) => void
> = {
  quiet() {},

  crypto() {
    const again = (): void =>
      pbkdf2("secret", "salt", PBKDF2_ITERATIONS, 64, "sha512", again);
    for (let i = 0; i < PBKDF2_AT_ONCE; i++) again();
  },

  dns() {
    let count = 0;
    // Each another name: results are not shared.
    const again = (): void =>
      lookup(`host-${process.pid}-${count++}.bench.example`, again);
    for (let i = 0; i < LOOKUPS_AT_ONCE; i++) again();
  },

  hung(promises, { hung }) {
    for (let i = 0; i < HUNG_AT_ONCE; i++)
      promises.stat(`${hung}/${i}`).catch(() => {
        // It ends with the mount, when the measuring is over.
      });
  },

  bulk(promises, { bulk }) {
    const reader = async (first: number): Promise<never> => {
      const handle = await promises.open(bulk);
      const buffer = Buffer.alloc(BLOCK_BYTES);
      for (let at = first; ; at++)
        await handle.read(buffer, 0, BLOCK_BYTES, (at % BLOCKS) * BLOCK_BYTES);
    };
    for (let i = 0; i < READERS; i++) void reader(i * 7);
  },
};

export const BULK_BYTES = BLOCKS * BLOCK_BYTES;
