// A slice of `npm run test:power`: what is acknowledged is there after a loss of power, and the simulator finds the losses of
// programs that do too little.
import { describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { simulatedDisk } from "../../src/api/faults/simulated-disk.ts";
import { foreign } from "./package.mjs";
import { crashes, log, ours, profileNames, unsynced } from "./workloads.mjs";
import { times } from "../helpers/part.ts";

const tools = { createEio, simulatedDisk };
const seeds = times(250, 4);

describe.each(profileNames)("on %s", (profile) => {
  it("writeFileAtomic loses nothing that it acknowledged, and tears nothing", async () => {
    const found = await crashes(ours, tools, { seeds, profile });
    expect(found).toMatchObject({ lost: 0, example: null });
  });

  it("appendLog keeps each record that it acknowledged, in its order, and goes on", async () => {
    const found = await crashes(log, tools, { seeds: times(60, 4), profile });
    expect(found).toMatchObject({ lost: 0, example: null });
  });

  it("a rename without an fsync loses files", async () => {
    const { lost } = await crashes(unsynced, tools, { seeds, profile });
    expect(lost).toBeGreaterThan(0);
  });

  it("the npm package write-file-atomic runs unchanged, and its losses are found", async () => {
    const { lost } = await crashes(foreign, tools, { seeds, profile });
    expect(lost).toBeGreaterThan(0);
  });
});
