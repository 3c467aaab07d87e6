// What was submitted is carried out though the process exits, or its thread is blocked, right after the
// call: programs print and leave behind the same as they do on node:fs.
import { execFile } from "node:child_process";
import fs from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { listBackends } from "../../src/backends/select.ts";
import { testFolder } from "../helpers/files.ts";
import { todays } from "../helpers/part.ts";

const run = promisify(execFile);
const program = new URL("../helpers/last-requests.mjs", import.meta.url);
const door = new URL("../../dist/fs.js", import.meta.url);
const folder = testFolder();
const probes = listBackends();
/** aio is left out: what is not direct it leaves to the same threads as nowait does. */
const backends = (["pool", "nowait", "uring", "auto"] as const).filter(
  (name) => name === "auto" || probes[name].available,
);
/** In the portable workers, and in threads: the lanes of the loop have none to start. */
const starting = ["pool", "auto"];

interface Left {
  stdout: string;
  bytes: string;
}

let runs = 0;
async function leaves(
  module: string,
  name: string,
  warm: string,
  backend = "auto",
): Promise<Left> {
  const file = folder.file(`file-${runs++}`);
  const { stdout } = await run(
    process.execPath,
    [program.pathname, module, name, warm, file],
    { env: { ...process.env, NODE_EIO_BACKEND: backend } },
  );
  return { stdout, bytes: fs.readFileSync(file, "latin1") };
}

/** What node:fs leaves is the same for all backends. */
const byNode = new Map<string, Promise<Left>>();
function leftByNode(name: string, warm: string): Promise<Left> {
  const key = `${name} ${warm}`;
  let left = byNode.get(key);
  if (left === undefined)
    byNode.set(key, (left = leaves("node:fs", name, warm)));
  return left;
}

const exits = [
  "exit",
  "exitWithMany",
  "exitWithLarge",
  "exitWithLargeText",
  "exitOfACallback",
  "exitOfAnotherProcess",
  "exitByAnError",
];
const blocks = [
  "blocked",
  "blockedUntilDone",
  "largeWriteBlockedUntilDone",
  "blockedInACallback",
];

describe.concurrent.each(backends)("with %s a program", (backend) => {
  const cases = [
    ...(starting.includes(backend)
      ? exits.map((name) => [name, "cold"] as const)
      : []),
    ...[...exits, ...blocks].map((name) => [name, "warm"] as const),
    // Of one turn the ring is given the first write at once and the rest at its end.
    ...(backend === "uring"
      ? []
      : [["writesBlockedUntilDone", "warm"] as const]),
  ];
  it.each(todays(cases, 3, backends.indexOf(backend)))(
    "ends as on node:fs: %s, with workers that are %s",
    async (name, warm) => {
      const ours = await leaves(door.href, name, warm, backend);
      expect(ours).toEqual(await leftByNode(name, warm));
    },
  );
});
