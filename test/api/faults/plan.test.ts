// Faults on purpose, as a test of a program's own uses them: what each kind does to a call, which calls a rule is about,
// and that one seed gives one run, in front of every backend.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { plan, type FaultPlan } from "../../../src/api/faults/plan.ts";
import type { FaultRule } from "../../../src/api/faults/rules.ts";
import { listBackends } from "../../../src/backends/select.ts";
import { turn, until } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const file = folder.file("file.txt", "0123456789");
const open = new Set<Eio>();
afterEach(async () => {
  await Promise.all([...open].map((eio) => eio.close()));
  open.clear();
});

function faulty(
  rules: FaultRule[],
  backend = "auto",
  seed = 0,
): { eio: Eio; faults: FaultPlan } {
  const faults = plan({ seed, rules });
  const eio = createEio({ faults, backend: backend as "auto" });
  open.add(eio);
  return { eio, faults };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "ok",
    (error: NodeJS.ErrnoException) => error.code ?? error.name,
  );

/** The state of a promise once what can be done is done. */
async function stateOf(work: Promise<unknown>): Promise<string> {
  let state = "pending";
  work.then(
    () => (state = "resolved"),
    () => (state = "rejected"),
  );
  for (let i = 0; i < 20; i++) await turn();
  return state;
}

const backends = Object.entries(listBackends()).filter(
  ([name, probe]) => name !== "null" && probe.available,
);

describe.each(backends.map(([name]) => name))("in front of %s", (name) => {
  it("a call fails with the error of the rule, in Node's form, and does nothing", async () => {
    const { eio } = faulty(
      [{ op: "writes", path: "*.new", then: { error: "ENOSPC" } }],
      name,
    );
    const path = folder.join(`a.${name}.new`);
    const failed = eio.promises.writeFile(path, "text");
    await expect(failed).rejects.toMatchObject({
      ...{ code: "ENOSPC", errno: -28, syscall: "open", path },
      message: `ENOSPC: no space left on device, open '${path}'`,
    });
    expect(fs.existsSync(path)).toBe(false);
    await eio.promises.writeFile(folder.join(`${name}.old`), "text");
    expect(fs.readFileSync(folder.join(`${name}.old`), "utf8")).toBe("text");
  });

  it("a read and a write transfer less than they were to", async () => {
    const { eio } = faulty([{ then: { short: 3 } }], name);
    const path = folder.file(`short.${name}`, "0123456789");
    const handle = await eio.promises.open(path, "r+");
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(10), 0, 10, 2);
    expect(buffer.toString("latin1", 0, bytesRead)).toBe("234");
    const large = Buffer.alloc(9000, "x");
    expect((await handle.write(large, 0, 9000, 0)).bytesWritten).toBe(3);
    const parts = [Buffer.from("ab"), Buffer.alloc(9000, "c")];
    expect((await handle.writev(parts, 0)).bytesWritten).toBe(3);
    await handle.close();
    expect(fs.readFileSync(path, "latin1")).toBe("abc3456789");
  });

  it("a call that hangs ends by a cancel, by its deadline, or when it is released", async () => {
    const { eio, faults } = faulty(
      [{ op: "reads", path: "**/file.txt", then: { hang: true } }],
      name,
    );
    const stop = new AbortController();
    const aborted = eio.promises.readFile(file, { signal: stop.signal });
    const late = codeOf(eio.promises.readFile(file, { timeout: 1 } as object));
    const freed = eio.promises.readFile(file, "utf8");
    expect(await stateOf(freed)).toBe("pending");
    stop.abort();
    expect(await codeOf(aborted)).toBe("ABORT_ERR");
    expect(await late).toBe("ETIMEDOUT");
    expect(await eio.promises.readFile(folder.file("other"), "utf8")).toBe("");
    expect(faults.held).toEqual([{ op: "slurp", path: file, hangs: true }]);
    expect(faults.release({ op: "stat" })).toBe(0);
    expect(faults.release({ path: "file.*" })).toBe(1);
    expect(await freed).toBe("0123456789");
    expect(eio.nreqs).toBe(0);
  });

  it("a slow call begins when the clock of the plan is there", async () => {
    const { eio, faults } = faulty(
      [{ op: "mkdir", then: { delayMs: 100 } }],
      name,
    );
    const path = folder.join(`slow.${name}`);
    const made = eio.promises.mkdir(path);
    faults.clock.advance(99);
    expect(await stateOf(made)).toBe("pending");
    expect(fs.existsSync(path)).toBe(false);
    faults.clock.advance(1);
    await made;
    expect(faults.clock.nowMs).toBe(100);
    expect(fs.existsSync(path)).toBe(true);
  });

  it("calls of one turn run in an order that the seed gives, one after the other", async () => {
    const orderOf = async (seed: number): Promise<string> => {
      const path = folder.join(`order.${name}`);
      fs.writeFileSync(path, "");
      const rules = [{ op: "write", then: { reorder: 16 } }] as FaultRule[];
      const { eio } = faulty(rules, name, seed);
      const fd = fs.openSync(path, "a");
      const write = (letter: string): Promise<void> =>
        new Promise((resolve, reject) =>
          eio.fs.write(fd, letter, (error) =>
            error ? reject(error) : resolve(),
          ),
        );
      await Promise.all([..."abcdefgh"].map(write));
      fs.closeSync(fd);
      return fs.readFileSync(path, "utf8");
    };
    const [one, again, other] = [
      await orderOf(1),
      await orderOf(1),
      await orderOf(2),
    ];
    expect(one).toBe(again);
    expect(one).not.toBe(other);
    expect([...one].sort().join("")).toBe("abcdefgh");
    expect(one).not.toBe("abcdefgh");
  });

  it("the same seed gives the same run, whatever runs at the same time", async () => {
    const run = async (seed: number): Promise<[unknown, string[]]> => {
      const rules: FaultRule[] = [
        { probability: 0.3, then: { error: "EIO" } },
        { op: "stat", probability: 0.3, then: { error: "EACCES" } },
      ];
      const { eio, faults } = faulty(rules, name, seed);
      const codes: string[] = [];
      for (let i = 0; i < 40; i++)
        codes.push(await codeOf(eio.promises.stat(file)));
      return [faults.trace, codes];
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect((await run(8))[1]).not.toEqual(first[1]);
    expect(new Set(first[1])).toEqual(new Set(["ok", "EIO", "EACCES"]));
  });
});

describe("a rule", () => {
  it("is about the path that a descriptor was opened by", async () => {
    const { eio } = faulty([
      { op: "syncs", path: "file.txt", then: { error: "EIO" } },
    ]);
    const handle = await eio.promises.open(file);
    await expect(handle.sync()).rejects.toMatchObject({
      message: "EIO: i/o error, fsync",
    });
    await handle.close();
    const other = await eio.promises.open(folder.file("other"));
    expect(await codeOf(other.sync())).toBe("ok");
    await other.close();
  });

  it("is about the second path of a call, too", async () => {
    const { eio } = faulty([{ path: "*.target", then: { error: "EXDEV" } }]);
    const renamed = eio.promises.rename(file, folder.join("x.target"));
    expect(await codeOf(renamed)).toBe("EXDEV");
  });

  it("lets so many pass, and strikes so often", async () => {
    const { eio, faults } = faulty([
      { op: "stat", after: 2, times: 1, then: { error: "EIO" } },
    ]);
    const codes: string[] = [];
    for (let i = 0; i < 4; i++)
      codes.push(await codeOf(eio.promises.stat(file)));
    expect(codes).toEqual(["ok", "ok", "EIO", "ok"]);
    expect(faults.trace.map(({ rule }) => rule)).toEqual([null, null, 0, null]);
    expect(faults.trace[2]).toEqual({
      ...{ at: 2, op: "stat", path: file, rule: 0, fault: "error: EIO" },
    });
  });

  it("names the system call of the error, without a path where that has none", async () => {
    const { eio } = faulty([
      { op: "spew", then: { error: "EDQUOT", syscall: "write" } },
    ]);
    const failed = eio.promises.writeFile(folder.join("quota"), "x");
    await expect(failed).rejects.toMatchObject({
      errno: -122,
      syscall: "write",
    });
    await expect(failed).rejects.not.toHaveProperty("path");
  });

  it("of a close lets the descriptor go, as Linux does", async () => {
    const { eio } = faulty([{ op: "close", then: { error: "EIO" } }]);
    const handle = await eio.promises.open(file);
    const { fd } = handle;
    expect(await codeOf(handle.close())).toBe("EIO");
    expect(() => fs.fstatSync(fd)).toThrow(/EBADF/);
  });

  it("may be slow, and fail then", async () => {
    const { eio, faults } = faulty([
      { op: "stat", then: { delayMs: 5, error: "EIO" } },
    ]);
    const failed = eio.promises.stat(file);
    expect(await stateOf(failed)).toBe("pending");
    faults.clock.advance(5);
    expect(await codeOf(failed)).toBe("EIO");
  });

  it("follows the real clock on request", async () => {
    const rules = [{ then: { delayMs: 2 } }];
    const faults = plan({ clock: "real", rules });
    const eio = createEio({ faults });
    open.add(eio);
    const before = faults.clock.nowMs;
    await eio.promises.stat(file);
    expect(faults.clock.nowMs - before).toBeGreaterThanOrEqual(2);
  });
});

describe("a plan", () => {
  it.each([
    [{ rulez: [] }, /"rulez"; did you mean "rules"\?/],
    [
      { rules: [{ op: "raed", then: { hang: true } }] },
      /rules\[0\]\.op.*"read"/,
    ],
    [
      { rules: [{ op: "writeFile", then: { hang: true } }] },
      /rules\[0\]\.op.*did you mean "spew"/,
    ],
    [
      { rules: [{ op: "colour", then: { hang: true } }] },
      /rules\[0\]\.op.*or one of reads, writes/,
    ],
    [{ rules: [{ then: {} }] }, /rules\[0\]\.then/],
    [{ rules: [{ then: { error: "ENOPE" } }] }, /rules\[0\]\.then\.error/],
    [{ rules: [{ then: { hang: true, delayMs: 1 } }] }, /one of delayMs/],
    [{ rules: [{ op: "stat", then: { short: 1 } }] }, /then\.short/],
    [{ rules: [{ probability: 2, then: { hang: true } }] }, /probability/],
    [{ rules: [{ then: { reorder: 1 } }] }, /reorder/],
    [{ seed: 0.5 }, /seed/],
    [{ clock: "none" }, /clock/],
  ])("%j is refused, and the message says where", (options, message) => {
    expect(() => plan(options as never)).toThrow(
      expect.objectContaining({
        code: "ERR_EIO_INVALID_OPTION",
        message: expect.stringMatching(message) as string,
      }),
    );
  });

  it("is what createEio takes as faults, and nothing else", () => {
    expect(() => createEio({ faults: {} as never })).toThrow(
      /"faults" must be a plan\(\) of node-eio\/faults/,
    );
  });

  it("does not change where ops go", async () => {
    const { eio } = faulty([]);
    const plain = createEio();
    open.add(plain);
    expect(eio.why("read")).toEqual(plain.why("read"));
    expect(eio.backend).toBe(plain.backend);
    await eio.nop();
  });

  it("delivers to whoever polls by hand", async () => {
    const faults = plan({ rules: [{ op: "stat", then: { hang: true } }] });
    const eio = createEio({ faults, poll: "manual" });
    open.add(eio);
    const stat = eio.promises.stat(file);
    eio.poll();
    expect(faults.release()).toBe(1);
    await until(() => (eio.poll(), eio.nreqs === 0));
    expect((await stat).size).toBe(10);
  });
});

it("a process ends in spite of what hangs, and what is slow is done before", () => {
  const dist = path.resolve(import.meta.dirname, "../../../dist");
  const door = (name: string): string =>
    JSON.stringify(pathToFileURL(path.join(dist, name)).href);
  const program = `
    import { createEio } from ${door("index.js")};
    import { plan } from ${door("faults.js")};
    const rules = [
      { op: "stat", then: { hang: true } },
      { op: "mkdir", then: { delayMs: 1000 } },
    ];
    const { promises } = createEio({ faults: plan({ rules }) });
    promises.stat("/").catch(() => {});
    promises.mkdir(process.argv[2]).catch(() => {});
    setImmediate(() => process.exit(3));`;
  const made = folder.join("made at the exit");
  const file = folder.file("exit.mjs", program);
  const { status, stderr } = spawnSync(process.execPath, [file, made], {
    ...{ encoding: "utf8", timeout: 100_000 },
  });
  expect({ status, stderr }).toEqual({ status: 3, stderr: "" });
  expect(fs.existsSync(made)).toBe(true);
});
