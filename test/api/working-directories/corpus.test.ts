// Every function that takes a path, with every way out of its folder, in every form of a call, on every
// backend: each is refused, and what lies outside is as it was.
import fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Eio } from "../../../src/api/create.ts";
import { requests } from "../../../src/api/eio/requests.ts";
import type { Declaration } from "../../../src/api/eio/declare.ts";
import type { EioRequest } from "../../../src/api/eio/request.ts";
import { Instance } from "../../../src/api/instance/instance.ts";
import { sysApi } from "../../../src/api/sys/sys.ts";
import type { WorkingDirectory } from "../../../src/api/working-directories/working-directory.ts";
import type { BackendName } from "../../../src/backends/backend.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { listBackends } from "../../../src/backends/select.ts";
import { testFolder } from "../../helpers/files.ts";
import { calls, otherFunctions, type Call } from "./calls.ts";
import { OTHER, operations } from "./operations.ts";
import { buildTree, outside, waysOut, waysTo } from "./ways-out.ts";
import { todays } from "../../helpers/part.ts";

const withAddon = loadNative().addon !== null;
const known = listBackends();
const backends = (["pool", "nowait", "uring"] as const).filter(
  (name) => known[name].available,
);
const base = testFolder();

type AnyFunction = (...args: unknown[]) => unknown;
type Functions = Record<string, AnyFunction>;
type Form = (
  sides: Sides,
  call: Call,
  path: string | Buffer,
) => Promise<unknown>;

interface Sides {
  eio: Eio;
  wd: WorkingDirectory;
}

/** A call that calls back, as a promise of its last value. */
const called = (run: AnyFunction, args: unknown[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    run(...args, (error: Error | null, value: unknown) =>
      error ? reject(error) : resolve(value),
    );
  });

const byPromise = (
  functions: object,
  { name, args, options }: Call,
  path: string | Buffer,
  more: object,
): Promise<unknown> =>
  Promise.resolve(
    (functions as Functions)[name]!(...args(path), { ...options, ...more }),
  );

const byCallback = (
  functions: object,
  { name, args, options }: Call,
  path: string | Buffer,
  more: object,
): Promise<unknown> =>
  called((functions as Functions)[name]!, [
    ...args(path),
    { ...options, ...more },
  ]);

const forms: Record<string, { takes: (call: Call) => boolean; run: Form }> = {
  "promises with the option wd": {
    takes: () => true,
    run: ({ eio, wd }, call, path) =>
      byPromise(eio.promises, call, path, { wd }),
  },
  "the promises of the wd": {
    takes: () => true,
    run: ({ wd }, call, path) => byPromise(wd.promises, call, path, {}),
  },
  "the promises of a group": {
    takes: () => true,
    run: async ({ eio, wd }, call, path) => {
      await using group = eio.group({ priority: 1 });
      return await byPromise(group.promises, call, path, { wd });
    },
  },
  "callbacks with the option wd": {
    takes: ({ pieces }) => pieces !== true,
    run: ({ eio, wd }, call, path) => byCallback(eio.fs, call, path, { wd }),
  },
  "the callbacks of the wd": {
    takes: ({ pieces }) => pieces !== true,
    run: ({ wd }, call, path) => byCallback(wd.fs, call, path, {}),
  },
};

interface Closable {
  close?: () => Promise<void>;
}

async function codeOf(outcome: Promise<unknown>): Promise<string> {
  try {
    const value = await outcome;
    if (typeof value === "number" && value > 2) fs.closeSync(value);
    await (value as Closable | undefined)?.close?.();
    return "done";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** A link is no folder that could be removed, whatever is behind it. */
const expected = ({ name }: Call, path: string): string =>
  name === "rmdir" && /(up|outside)\/$/.test(path) ? "ENOTDIR" : "EXDEV";

describe.skipIf(!withAddon).each<BackendName | "auto">([...backends, "auto"])(
  "on the backend %s",
  (backend) => {
    const instance = new Instance({ maxParallel: 2, backend });
    const eio = new Eio(() => instance);
    let root = "";
    let wd: WorkingDirectory;
    beforeAll(async () => {
      root = buildTree(base);
      wd = await eio.wd(`${root}/in`, { beneath: true });
    });
    afterAll(async () => {
      await wd.close();
      await eio.close();
    });

    describe.each(Object.entries(forms))("by %s", (form, { takes, run }) => {
      const able = Object.entries(calls).filter(([, call]) => takes(call));
      const shift =
        Object.keys(forms).indexOf(form) + backends.indexOf(backend as "pool");

      it.each(todays(able, 3, shift))("%s is refused", async (name, call) => {
        const before = outside(root);
        const ways = waysOut(root, call.name, call);
        const paths: (string | Buffer)[] = [...ways];
        // Also names that are no text: `..` is two bytes.
        if (call.text !== true)
          paths.push(...ways.map((path) => Buffer.from(path)));
        const codes = await Promise.all(
          paths.map((path) => codeOf(run({ eio, wd }, call, path))),
        );
        const outcomes = paths.map(
          (path, i) => `${path.toString()} ${codes[i]!}`,
        );
        const wanted = paths.map(
          (path) => `${path.toString()} ${expected(call, path.toString())}`,
        );
        expect(outcomes, name).toEqual(wanted);
        expect(outside(root)).toEqual(before);
      });
    });

    it("by the requests of the eio door none leads out", async () => {
      const before = outside(root);
      const tried: string[] = [];
      const out: string[] = [];
      for (const [name, declared] of Object.entries(requests)) {
        const { params } = declared as Declaration;
        const places = params.flatMap(([, kind], i) =>
          kind === "path" ? [i] : [],
        );
        const paths = todays(
          ["file", "folder", "new"].flatMap((target) => waysTo(root, target)),
          3,
          backends.indexOf(backend as "pool"),
        );
        for (const place of places) {
          tried.push(name);
          await Promise.all(
            paths.flatMap((path) =>
              [[wd, path], path].map(async (given) => {
                const args = params.map(([, kind], i) =>
                  i === place ? given : argumentOf(kind, wd),
                );
                if (await succeeds(eio, name, args, wd))
                  out.push(`${name} ${path}`);
              }),
            ),
          );
        }
      }
      expect(out).toEqual([]);
      expect(new Set(tried).size).toBeGreaterThan(30);
      expect(outside(root)).toEqual(before);
    });
  },
);

const { O_RDWR, O_CREAT } = fs.constants;
const byKind: Record<string, unknown> = {
  target: OTHER,
  openFlags: O_RDWR | O_CREAT,
  int: 0,
  uint: 0o644,
  id: -1,
  offset: 0,
  wideOffset: 0,
  place: 0,
  widePlace: 0,
  length: 1,
  wholeLength: 1,
  seconds: 1,
  text: "user.eio",
};

/** Of whatever else a request takes. */
const argumentOf = (kind: string, wd: WorkingDirectory): unknown =>
  kind === "path"
    ? [wd, OTHER]
    : kind === "buffer"
      ? Buffer.from("value")
      : byKind[kind];

/** Whether a request went well; one that throws was refused. */
async function succeeds(
  { eio }: Eio,
  name: string,
  args: unknown[],
  wd: WorkingDirectory,
): Promise<boolean> {
  const run = (eio as unknown as Functions)[name]!;
  const req = await new Promise<EioRequest | null>((resolve) => {
    try {
      run(...args, 0, resolve, null, { wd });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_EIO_WD") throw error;
      resolve(null);
    }
  });
  return req !== null && req.result >= 0;
}

describe.skipIf(!withAddon)(
  "a folder that is opened in one that is kept within",
  () => {
    const instance = new Instance({ maxParallel: 2 });
    const eio = new Eio(() => instance);
    afterAll(() => eio.close());

    it("is kept within itself, by eio_wd_open too", async () => {
      const root = buildTree(base);
      await using wd = await eio.wd(`${root}/in`, { beneath: true });
      const opened = await new Promise<EioRequest>((resolve) => {
        eio.eio.wd_open([wd, "folder"], 0, resolve as never);
      });
      await using inner = opened.value as WorkingDirectory;
      expect(inner.beneath).toBe(true);
      for (const path of ["../file", "up/outside/file", `${root}/outside/file`])
        await expect(inner.promises.readFile(path)).rejects.toThrow("EXDEV");
    });
  },
);

describe("no function is left out:", () => {
  const instance = new Instance();
  const eio = new Eio(() => instance);
  afterAll(() => eio.close());
  const covered = new Set([
    ...Object.values(calls).map(({ name }) => name),
    ...Object.keys(otherFunctions),
  ]);

  it.each([
    ["promises", () => eio.promises],
    ["fs", () => eio.fs],
  ])("each one of %s is called, or it is said why not", (_name, functions) => {
    const left = Object.entries(functions())
      .filter(
        ([name, value]) => typeof value === "function" && /^[a-z_]/.test(name),
      )
      .map(([name]) => name)
      .filter((name) => !name.endsWith("Sync") && !covered.has(name));
    expect(left).toEqual([]);
  });

  it("each one that is ours alone is in the table of operations", () => {
    const ofDescriptors =
      `sendfile splice tee copyFileRange reflink fallocate fadvise readahead pageIn
      syncFileRange syncfs sync seek fiemap flock ofdLock ofdQuery dup2 constants`.split(
        /\s+/,
      );
    const inTable = Object.keys(operations).map((name) => name.split(" ")[0]);
    const left = Object.keys(sysApi(() => instance.engine)).filter(
      (name) => !inTable.includes(name) && !ofDescriptors.includes(name),
    );
    expect(left).toEqual([]);
  });
});
