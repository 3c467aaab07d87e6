// Small programs that random runs found to end otherwise than on node:fs, in both forms: values, errors and what Node
// does beside its documentation. Each is compared with the release that runs the test.
import fs from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { MessageChannel } from "node:worker_threads";
import { inspect, isDeepStrictEqual, promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import {
  eio,
  forms,
  nodeCall,
  ourCall,
  sameAsNode,
  type Call,
} from "./both-forms.ts";
import {
  expectSame,
  makeFolder,
  makeSides,
  outcomeOf,
} from "./differential.ts";

/** Where there is no native code, these run. */
const portable = createEio({ backend: "pool", maxParallel: 1 });
afterAll(() => portable.close());

const major = Number.parseInt(process.versions.node, 10);

function build(folder: string): void {
  fs.writeFileSync(`${folder}/file`, "0123456789");
  fs.mkdirSync(`${folder}/dir`);
  fs.symlinkSync(`${folder}/nowhere`, `${folder}/dangling`);
  fs.symlinkSync(`${folder}/file`, `${folder}/to-file`);
}

describe.each(forms)("%s", (form) => {
  /** The program on both sides; it gets the calls of a side by name. */
  const same = (
    program: (call: (name: string) => Call, folder: string) => unknown,
  ): Promise<unknown> =>
    expectSame(
      makeSides(build),
      (folder) => program((name) => nodeCall(form, name), folder),
      (folder) => program((name) => ourCall(form, name), folder),
    );

  describe.each([
    ["native", eio],
    ["portable", portable],
  ])("mkdir -p, %s", (_name, own) => {
    it.each([
      "dangling",
      "dangling/x",
      "dangling/x/y",
      "dangling/",
      "dangling/x/",
      "to-file",
      "to-file/x",
      "file/x/y",
      "dir/new/newer",
    ])("%s", async (name) => {
      const side = (call: Call) => (folder: string) =>
        call(`${folder}/${name}`, { recursive: true });
      await expectSame(
        makeSides(build),
        side(nodeCall(form, "mkdir")),
        side(ourCall(form, "mkdir", own)),
      );
    });

    // There, no user may make a folder.
    it.runIf(process.platform === "linux")("of /sys/eio/none", async () => {
      const side = (call: Call) => () =>
        call("/sys/eio/none", { recursive: true });
      await expectSame(
        makeSides(),
        side(nodeCall(form, "mkdir")),
        side(ourCall(form, "mkdir", own)),
      );
    });
  });

  it.each(["yes", 1, 0, null, true, undefined])(
    "stat with bigint: %o",
    async (bigint) => {
      await same(async (call, folder) => {
        const kinds = [];
        for (const name of ["stat", "lstat", "statfs"]) {
          const result = await call(name)(`${folder}/file`, { bigint });
          const stats = [result].flat()[0] as Record<string, unknown>;
          kinds.push(typeof (stats["size"] ?? stats["bsize"]));
        }
        return kinds;
      });
    },
  );

  it.each([undefined, false, 0, null, true])(
    "stat of nothing with throwIfNoEntry: %o",
    async (throwIfNoEntry) => {
      for (const name of ["stat", "lstat"])
        for (const path of ["none", "file/none"])
          await same((call, folder) =>
            call(name)(`${folder}/${path}`, { throwIfNoEntry }),
          );
    },
  );

  it.each(["buffer", { encoding: "buffer" }])(
    "the encoding %o is not one for content",
    async (encoding) => {
      await same((call, folder) =>
        call("readFile")(`${folder}/file`, encoding),
      );
      await same((call, folder) =>
        call("readFile")(`${folder}/none`, encoding),
      );
      await same((call, folder) =>
        call("writeFile")(`${folder}/file`, "text", encoding),
      );
    },
  );

  it("readFile into the caller's own memory", async () => {
    await same(async (call, folder) => {
      const buffer = Buffer.alloc(16, 46);
      const content = await call("readFile")(`${folder}/file`, { buffer });
      return [content, buffer];
    });
    await same((call, folder) =>
      call("readFile")(`${folder}/file`, { buffer: Buffer.alloc(4) }),
    );
  });

  it.each(["dir", "file"])("readFile of %s opened to append", async (name) => {
    await same((call, folder) =>
      call("readFile")(`${folder}/${name}`, { flag: "a" }),
    );
    await same((call, folder) => call("readFile")(`${folder}/${name}`));
  });

  it("a removed folder is empty", async () => {
    const before = process.cwd();
    await ourCall(form, "readdir")("/");
    try {
      await same((call, folder) => {
        process.chdir(`${folder}/dir`);
        fs.rmdirSync(`${folder}/dir`);
        return call("readdir")(".");
      });
    } finally {
      process.chdir(before);
    }
  });

  it("mkdtemp where there is no folder", async () => {
    const shown = async (call: Call): Promise<unknown> => {
      const folder = makeFolder();
      const outcome = await outcomeOf(() => call(`${folder}/none/x-`), folder);
      return inspect(outcome, { depth: 3 }).replace(
        /x-[a-zA-Z0-9]{6}/g,
        (name) => (name === "x-XXXXXX" ? name : "x-<any>"),
      );
    };
    expect(await shown(ourCall(form, "mkdtemp"))).toBe(
      await shown(nodeCall(form, "mkdtemp")),
    );
  });

  it("Stats have the same fields, symbols included", async () => {
    const path = makeFolder();
    for (const options of [{}, { bigint: true }])
      for (const name of ["stat", "lstat"]) {
        const stats = [await ourCall(form, name)(path, options)].flat()[0];
        expect(isDeepStrictEqual(stats, fs.statSync(path, options))).toBe(true);
      }
  });
});

/** On a descriptor of either side's file, opened with flags. */
const onDescriptor = async (
  flags: string,
  name: string,
  makeArguments: () => unknown[],
  path = "file",
): Promise<void> => {
  const side = (call: Call) => async (folder: string) => {
    const fd = fs.openSync(`${folder}/${path}`, flags);
    try {
      return await call(fd, ...makeArguments());
    } finally {
      fs.closeSync(fd);
    }
  };
  await expectSame(
    makeSides(build),
    side(nodeCall("callbacks", name)),
    side(ourCall("callbacks", name)),
  );
};

describe("on a descriptor", () => {
  it("readFile of what cannot be read is empty", async () => {
    await onDescriptor("w", "readFile", () => []);
    await onDescriptor("a", "readFile", () => ["utf8"]);
    await onDescriptor("r", "readFile", () => [], "dir");
    await onDescriptor("r", "readFile", () => ["buffer"]);
  });

  it.each(["writeFile", "appendFile"])(
    "%s of nothing fails where it may not write",
    async (name) => {
      await onDescriptor("r", name, () => [""]);
      await onDescriptor("r+", name, () => [""]);
      await onDescriptor("r", name, () => [Buffer.alloc(0)]);
    },
  );

  it.each(["readv", "writev"])(
    "%s of more than IOV_MAX buffers",
    async (name) => {
      await onDescriptor("r+", name, () => [
        Array.from({ length: 1500 }, () => Buffer.alloc(1, 46)),
        0,
      ]);
    },
  );

  it.each([3n, -1n, -2n, 2n ** 63n, "1", 1.5, NaN, -5, null])(
    "read at %o, also of nothing",
    async (position) => {
      for (const length of [0, 2])
        await onDescriptor("r", "read", () => [
          Buffer.alloc(2),
          0,
          length,
          position,
        ]);
    },
  );
});

/** The same of a handle. */
const onHandle = async (
  program: (handle: FileHandle, folder: string) => unknown,
): Promise<void> => {
  const side = (open: Call) => async (folder: string) => {
    const handle = (await open(`${folder}/file`, "r+")) as FileHandle;
    try {
      return await program(handle, folder);
    } finally {
      await handle.close();
    }
  };
  await expectSame(
    makeSides(build),
    side(nodeCall("promises", "open")),
    side(ourCall("promises", "open")),
  );
};

describe("a handle", () => {
  it.each([3n, -1n, -2n, 2n ** 63n, "1", 1.5, NaN, -5, null])(
    "reads at %o, also nothing",
    async (position) => {
      for (const length of [0, 2])
        await onHandle(async (handle) => {
          const { bytesRead, buffer } = await handle.read(
            Buffer.alloc(2),
            0,
            length,
            position as number,
          );
          return [bytesRead, buffer];
        });
    },
  );

  it("fills no more than IOV_MAX buffers at once", async () => {
    await onHandle(async (handle) => {
      const buffers = Array.from({ length: 1500 }, () => Buffer.alloc(1));
      await handle.write("x".repeat(2000), 0);
      return (await handle.readv(buffers, 0)).bytesRead;
    });
  });

  it("rejects when its descriptor was closed behind its back", async () => {
    const side = (open: Call) => async (folder: string) => {
      const handle = (await open(`${folder}/file`)) as FileHandle;
      fs.closeSync(handle.fd);
      await handle.close();
    };
    await expectSame(
      makeSides(build),
      side(nodeCall("promises", "open")),
      side(ourCall("promises", "open")),
    );
  });
});

it("a handle that was transferred says so", async () => {
  const side = (open: Call) => async (folder: string) => {
    const handle = (await open(`${folder}/file`)) as FileHandle;
    const { port1, port2 } = new MessageChannel();
    const arrived = new Promise<FileHandle>((resolve) => {
      port1.once("message", resolve);
    });
    port2.postMessage(handle, [handle as never]);
    const other = await arrived;
    port1.close();
    await other.close();
    await handle.stat();
  };
  await expectSame(
    makeSides(build),
    side(nodeCall("promises", "open")),
    side(ourCall("promises", "open")),
  );
});

// Node 20 aborts when the handle of a stream that is not of bytes is closed after a cancel.
it.skipIf(major < 22).each([undefined, "bytes", "other", 5])(
  "a handle's web stream of type %o",
  async (type) => {
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", note);
    await onHandle(async (handle) => {
      warnings.length = 0;
      const stream = handle.readableWebStream({ type: type as "bytes" });
      await stream.cancel();
      await new Promise(setImmediate);
      // Of web streams themselves Node may warn, once.
      return warnings.filter((text) => text.includes("no effect"));
    });
    process.off("warning", note);
  },
);

it("a Dir's path is refused to other objects", async () => {
  const path = (dir: object): unknown => {
    const { prototype } = dir.constructor as unknown as {
      prototype: { path: unknown };
    };
    return prototype.path;
  };
  const side = (open: Call) => async (folder: string) => {
    const dir = (await open(folder)) as fs.Dir;
    try {
      return path(dir);
    } finally {
      await dir.close();
    }
  };
  await expectSame(
    makeSides(),
    side(nodeCall("promises", "opendir")),
    side(ourCall("promises", "opendir")),
  );
});

it.each(["exists", "read", "readv", "write", "writev"] as const)(
  "promisify(fs.%s) looks like Node's",
  (name) => {
    const ours = promisify(eio.fs[name] as never) as () => unknown;
    const node = promisify(fs[name] as never) as () => unknown;
    expect([ours.name, ours.length]).toEqual([node.name, node.length]);
  },
);

const tree = (folder: string): void => {
  fs.mkdirSync(`${folder}/a/b`, { recursive: true });
  for (const name of ["a/1.js", "a/2.ts", "a/b/3.js", "x.js"])
    fs.writeFileSync(`${folder}/${name}`, "");
};

describe.runIf("glob" in fs)("glob's exclude, given entries", () => {
  const named =
    (withFileTypes: boolean) =>
    (
      pattern: string,
    ): Record<
      string,
      (at: (name: string) => string, folder: string) => unknown[]
    > => ({
      [`${pattern}, ${withFileTypes ? "entries" : "names"}`]: (_at, cwd) => [
        pattern,
        {
          cwd,
          withFileTypes,
          exclude: (entry: fs.Dirent | string) =>
            (typeof entry === "string" ? entry : entry.name).includes("b"),
        },
      ],
    });
  const patterns = ["**", "a/*", "a/{b,c}/**", "a/b/*", "*/b/3.js"];
  sameAsNode(
    "glob",
    Object.assign(
      {},
      ...patterns.flatMap((one) => [named(true)(one), named(false)(one)]),
    ) as never,
    tree,
    (value) =>
      [value]
        .flat(2)
        .map((entry) =>
          entry instanceof fs.Dirent
            ? `${entry.parentPath}/${entry.name}`.replace(/eio-test-\w+$/, "")
            : entry,
        ),
    ["callbacks"],
  );
});
