// A slice of `npm run test:power:fuse`: programs on a mounted file system that logs what reaches it, and every prefix of the log.
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { simulatedDisk } from "../../src/api/faults/simulated-disk.ts";
import { LoggingDisk, whyNoDisk } from "./disk/logging-disk.mjs";
import { replayed } from "./disk/replayed.mjs";
import { todays } from "../helpers/part.ts";
import { log, ours, profileNames, unsynced } from "./workloads.mjs";

const whyNot = whyNoDisk();
if (whyNot !== null) console.log(`left out: power loss on FUSE (${whyNot})`);
const tools = { createEio, simulatedDisk };
const profiles = todays(profileNames, 2);

describe.skipIf(whyNot !== null)("on a file system that logs changes", () => {
  const disk = whyNot === null ? new LoggingDisk() : null;
  afterAll(() => disk?.close());
  const losses = async (workload: typeof ours): Promise<[string, number][]> => {
    const options = { disk: disk!, seeds: 1, profiles };
    const { byRules, prefixes } = await replayed(workload, tools, options);
    expect(prefixes).toBeGreaterThan(30);
    return Object.entries(byRules).map(([rules, { lost }]) => [rules, lost]);
  };
  const nothing = ["synced only", "everything", ...profiles].map((rules) => [
    rules,
    0,
  ]);

  it("writeFileAtomic loses nothing that it acknowledged, at any prefix of the log", async () => {
    expect(await losses(ours)).toEqual(nothing);
  });

  it("appendLog keeps each record that it acknowledged, at any prefix of the log", async () => {
    expect(await losses(log)).toEqual(nothing);
  });

  it("a rename without an fsync is found losing by all rules, and while the power is on by none", async () => {
    const found = await losses(unsynced);
    const lossless = found.filter(([, lost]) => lost === 0);
    expect(lossless).toEqual([["everything", 0]]);
  });
});
