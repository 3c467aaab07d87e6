// Files that another machine has replaced between the look at their names and the work on them (ESTALE): what is done a second
// time, and what its caller learns. By a plan of faults, and on a file system that says so itself.
import fs from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { plan } from "../../src/api/faults/plan.ts";
import { listBackends } from "../../src/backends/select.ts";
import type { BackendName } from "../../src/backends/backend.ts";
import { ESTALE, isRepeatable } from "../../src/ops/stale.ts";
import { opByCode, opNames, ops } from "../../src/ops/table.ts";
import { until } from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";
import {
  mountMortalFs,
  whyNoMortalFs,
  type MortalFs,
} from "../helpers/mortal-fs.ts";

const whyNot = whyNoMortalFs();
if (whyNot !== null) console.log(`left out: stale files on FUSE (${whyNot})`);
const folder = testFolder();
const file = folder.file("file", "content");
const open = new Set<Eio>();
afterEach(async () => {
  await Promise.all([...open].map((eio) => eio.close()));
  open.clear();
});

/** An instance whose next `times` requests of that op find their files stale. */
function staleFor(op: string, times: number) {
  const faults = plan({
    seed: 1,
    rules: [{ op: op as "stat", times, then: { error: "ESTALE" } }],
  });
  const eio = createEio({ faults });
  open.add(eio);
  const count = () => faults.trace.filter((entry) => entry.op === op).length;
  return { eio, count };
}

type Calls = [op: string, call: (eio: Eio) => Promise<unknown>][];

const again: Calls = [
  ["stat", (eio) => eio.promises.stat(file)],
  ["lstat", (eio) => eio.promises.lstat(file)],
  ["access", (eio) => eio.promises.access(file)],
  ["scandir", (eio) => eio.promises.readdir(folder.path)],
  ["slurp", (eio) => eio.promises.readFile(file)],
  ["open", async (eio) => (await eio.promises.open(file, "r+")).close()],
  ["open", async (eio) => (await eio.promises.open(file, "a")).close()],
];

const once: Calls = [
  ["rename", (eio) => eio.promises.rename(file, folder.join("moved"))],
  ["unlink", (eio) => eio.promises.unlink(file)],
  ["mkdir", (eio) => eio.promises.mkdir(folder.join("made"))],
  ["spew", (eio) => eio.promises.writeFile(file, "other")],
  ["spewAtomic", (eio) => eio.writeFileAtomic(file, "other")],
  ["open", (eio) => eio.promises.open(folder.join("new"), "wx")],
  [
    "read",
    async (eio) => {
      await using handle = await eio.promises.open(file);
      await handle.read(Buffer.alloc(10), 0, 10, 0);
    },
  ],
];

describe("a request that finds its file stale", () => {
  it.each(again)("is done again, and succeeds (%s)", async (op, call) => {
    const { eio, count } = staleFor(op, 1);
    await call(eio);
    expect(count()).toBe(2);
  });

  it.each(again)("fails when it is stale again (%s)", async (op, call) => {
    const { eio, count } = staleFor(op, 2);
    await expect(call(eio)).rejects.toMatchObject({ errno: ESTALE });
    expect(count()).toBe(2);
  });

  it.each(once)(
    "fails at once if it may have changed something, or has no path (%s)",
    async (op, call) => {
      const { eio, count } = staleFor(op, 1);
      await expect(call(eio)).rejects.toMatchObject({ errno: ESTALE });
      expect(count()).toBe(1);
      expect(fs.readFileSync(file, "utf8")).toBe("content");
    },
  );

  it("is the only one: other failures are not done again", async () => {
    const faults = plan({
      seed: 1,
      rules: [{ op: "stat", times: 1, then: { error: "EIO" } }],
    });
    const eio = createEio({ faults });
    open.add(eio);
    await expect(eio.promises.stat(file)).rejects.toMatchObject({
      code: "EIO",
    });
    expect(faults.trace).toHaveLength(1);
  });

  it("keeps its lane and its signal", async () => {
    const faults = plan({
      seed: 1,
      rules: [
        { op: "stat", times: 1, then: { error: "ESTALE" } },
        { op: "stat", then: { hang: true } },
      ],
    });
    const lanes = { bulk: { maxParallel: 1, share: 1 } };
    const eio = createEio({ faults, lanes });
    open.add(eio);
    const ending = new AbortController();
    const given = { lane: "bulk", signal: ending.signal };
    const stat = eio.promises.stat(file, given as never);
    await until(() => faults.held.length === 1);
    const inFlight = () =>
      eio.lanes.find(({ name }) => name === "bulk")!.inFlight;
    expect(inFlight()).toBe(1);
    ending.abort();
    await expect(stat).rejects.toMatchObject({ name: "AbortError" });
    await eio.promises.readFile(file, { lane: "bulk" });
    expect(inFlight()).toBe(0);
  });

  it("is one that only reads what a path leads to", () => {
    const names = opNames.filter((name) => isRepeatable(ops[name].code, 0));
    expect(names.sort()).toEqual(
      [
        ...["access", "dents", "getxattr", "listxattr", "lstat", "open"],
        ...["openat", "openat2", "opendir", "readlink", "realpath"],
        ...["realpathWalk", "scandir", "slurp", "stat", "statfs", "statvfs"],
        "statx",
      ].sort(),
    );
    for (const name of names)
      for (const [, kind, access] of opByCode[ops[name].code]!.params)
        if (kind === "path")
          expect(["read", "readAll", "list", "flags"]).toContain(access);
  });
});

describe.skipIf(whyNot !== null)("a file system that finds files stale", () => {
  let mount: MortalFs;
  beforeAll(async () => {
    mount = await mountMortalFs();
  });
  afterAll(() => mount.end());

  const backends = (["threads", "pool", "uring"] as BackendName[]).filter(
    (name) => listBackends()[name].available,
  );

  it.each(backends)("is asked again for a whole file (%s)", async (backend) => {
    const eio = createEio({ backend });
    open.add(eio);
    await mount.command("stale");
    expect(await eio.promises.readFile(mount.file(3))).toEqual(
      Buffer.alloc(4096, 5),
    );
    await mount.command("stale");
    await mount.command("stale");
    await expect(eio.promises.readFile(mount.file(3))).rejects.toMatchObject({
      errno: ESTALE,
      syscall: "read",
    });
  });

  it("is not asked again on an open file", async () => {
    const eio = createEio();
    open.add(eio);
    const handle = await eio.promises.open(path.join(mount.path, "file-4"));
    await mount.command("stale");
    const read = handle.read(Buffer.alloc(10), 0, 10, 0);
    await expect(read).rejects.toMatchObject({ errno: ESTALE });
    await handle.close();
  });
});
