// How many bytes of each fs.stat with a callback live until a full collection: printed, for a process without an
// optimizing compiler. What is stat-ed is the folder that the program lies in.
import { Session } from "node:inspector";
import { createEio } from "../../src/api/create.ts";

const CALLS = 10_000;
const IN_FLIGHT = 8;

interface Node {
  selfSize: number;
  children: Node[];
}

const { fs } = createEio();

function stats(count: number): Promise<unknown> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0)
      await new Promise((resolve) => fs.stat(import.meta.dirname, resolve));
  };
  return Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

const sum = ({ selfSize, children }: Node): number =>
  children.reduce((bytes, child) => bytes + sum(child), selfSize);

const session = new Session();
session.connect();
await stats(CALLS);
// What young collections free is not counted, what full ones free is.
const parameters = {
  samplingInterval: 4096,
  includeObjectsCollectedByMajorGC: true,
};
session.post("HeapProfiler.startSampling", parameters);
await stats(CALLS);
session.post("HeapProfiler.stopSampling", (error, result) => {
  if (error !== null) throw error;
  console.log(sum(result.profile.head as unknown as Node) / CALLS);
});
