// What every call of eio.sys has in common: how arguments are refused, how a call is ended before
// its time, and that a handle is held while it is worked on.
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { libeioOps } from "../../../src/ops/libeio-ops.ts";
import { sysOps } from "../../../src/ops/sys-ops.ts";
import { Gate, descriptorsBelow, testFolder } from "../../helpers/files.ts";
import { until } from "../../helpers/engine.ts";
import { pattern, rejects } from "./witness.ts";

const eio = createEio({ maxParallel: 2 });
const { sys } = eio;
const folder = testFolder();
const file = folder.file("file", "data");
const fd = fs.openSync(file, "r+");
afterAll(async () => {
  fs.closeSync(fd);
  await eio.close();
});

/** Given what its types forbid. */
const any = (value: unknown): never => value as never;

describe("arguments", () => {
  const TARGET = "ERR_INVALID_ARG_TYPE";
  const RANGE = "ERR_OUT_OF_RANGE";
  const VALUE = "ERR_INVALID_ARG_VALUE";
  const type = "must be of type number or an instance of FileHandle.";
  const cases: [name: string, () => Promise<unknown>, string, string][] = [
    [
      "no target",
      () => sys.syncfs(any(undefined)),
      TARGET,
      `The "target" argument ${type} Received undefined`,
    ],
    [
      "a text for a target",
      () => sys.fiemap(any("x")),
      TARGET,
      `The "target" argument ${type} Received type string ('x')`,
    ],
    [
      "a target below 0",
      () => sys.flock(-1, 1),
      RANGE,
      'The value of "target" is out of range. It must be >= 0 && <= 2147483647. Received -1',
    ],
    [
      "half a descriptor",
      () => sys.flock(1.5, 1),
      RANGE,
      'The value of "target" is out of range. It must be an integer. Received 1.5',
    ],
    [
      "an offset below 0",
      () => sys.readahead(fd, -1, 1),
      RANGE,
      'The value of "offset" is out of range. It must be >= 0 && <= 9007199254740991. Received -1',
    ],
    [
      "an offset beyond all numbers",
      () => sys.readahead(fd, 2n ** 60n, 1),
      RANGE,
      'The value of "offset" is out of range. It must be >= 0 && <= 9007199254740991. Received 1_152_921_504_606_846_976n',
    ],
    [
      "a length that is none",
      () => sys.pageIn(fd, 0, any("1")),
      TARGET,
      "The \"length\" argument must be of type number. Received type string ('1')",
    ],
    [
      "flags beyond 32 bits",
      () => sys.renameat2("a", "b", 2 ** 32),
      RANGE,
      'The value of "flags" is out of range. It must be >= 0 && <= 4294967295. Received 4294967296',
    ],
    [
      "a whence of its own",
      () => sys.seek(fd, 0, 5),
      RANGE,
      'The value of "whence" is out of range. It must be >= 0 && <= 4. Received 5',
    ],
    [
      "no path",
      () => sys.openat(null, any(1)),
      TARGET,
      'The "path" argument must be of type string or an instance of Buffer or URL. Received type number (1)',
    ],
    [
      "a path with a null byte",
      () => sys.statx("a\0b"),
      VALUE,
      "The argument 'path' must be a string, Uint8Array, or URL without null bytes. Received 'a\\x00b'",
    ],
    [
      "a URL of another kind",
      () => sys.statx(new URL("http://a/b")),
      "ERR_INVALID_URL_SCHEME",
      "The URL must be of scheme file",
    ],
    [
      "unknown flags to open",
      () => sys.openat(null, "a", "nonsense"),
      VALUE,
      "The argument 'flags' is invalid. Received 'nonsense'",
    ],
    [
      "an odd mode",
      () => sys.openat(null, "a", "w", "9"),
      VALUE,
      "The argument 'mode' must be a 32-bit unsigned integer or an octal string. Received '9'",
    ],
    [
      "an attribute without a name",
      () => sys.getxattr("a", any(null)),
      TARGET,
      'The "name" argument must be of type string or Uint8Array. Received null',
    ],
    [
      "an attribute with a null byte",
      () => sys.getxattr("a", "b\0"),
      VALUE,
      "The argument 'name' must be without null bytes. Received 'b\\x00'",
    ],
    [
      "a value that is no bytes",
      () => sys.setxattr("a", "user.b", any(1)),
      TARGET,
      'The "value" argument must be of type string or Uint8Array. Received type number (1)',
    ],
    [
      "a value beyond all limits",
      () => sys.setxattr("a", "user.b", Buffer.alloc(1 << 20)),
      RANGE,
      'The value of "value.byteLength" is out of range. It must be <= 983040. Received 1048576',
    ],
    [
      "another kind of lock",
      () => sys.ofdLock(fd, 3),
      RANGE,
      'The value of "type" is out of range. It must be >= 0 && <= 2. Received 3',
    ],
    [
      "another order",
      () => sys.getdents(".", { order: any("size") }),
      VALUE,
      "The property 'options.order' is invalid. Received 'size'",
    ],
    [
      "options that are none",
      () => sys.statx("a", any(5)),
      TARGET,
      'The "options" argument must be of type object. Received type number (5)',
    ],
    [
      "a signal that is none",
      () => sys.sync({ signal: any({}) }),
      TARGET,
      'The "options.signal" property must be an instance of AbortSignal. Received an instance of Object',
    ],
    [
      "a timeout below 0",
      () => sys.statx(file, { timeout: -1 }),
      RANGE,
      'The value of "options.timeout" is out of range. It must be >= 0 && <= 2147483647. Received -1',
    ],
    [
      "a priority of its own",
      () => sys.getdents(".", { priority: 9 }),
      RANGE,
      'The value of "options.priority" is out of range. It must be an integer >= -4 && <= 4. Received 9',
    ],
  ];

  it.each(cases)("%s: refused", async (_name, call, code, message) => {
    const error = await call().then(
      () => undefined,
      (error: Error) => error,
    );
    expect(error).toMatchObject({ code, message });
  });

  it("takes Buffers and URLs for paths", async () => {
    for (const path of [Buffer.from(file), new URL(`file://${file}`)])
      expect((await sys.statx(path)).size).toBe(4);
  });
});

describe("a handle", () => {
  it("is refused once it is closed", async () => {
    const handle = await eio.promises.open(file);
    await handle.close();
    await rejects(sys.syncFileRange(handle, 0, 0), {
      message: "file closed",
      code: "EBADF",
      syscall: "syncFileRange",
    });
  });

  it("is not closed under a call", async () => {
    const source = folder.file("large", pattern(1 << 22));
    const input = await eio.promises.open(source);
    const output = await eio.promises.open(folder.join("copy"), "w");
    const copied = sys.copyFileRange(input, 0, output, 0, 1 << 22);
    const closed = Promise.all([input.close(), output.close()]);
    expect(await copied).toBeGreaterThan(0);
    await closed;
    expect(descriptorsBelow(folder.path)).toEqual([file]);
  });
});

describe("a call that ends early", () => {
  const one = createEio({ maxParallel: 1 });
  afterAll(() => one.close());

  it("does not begin when its signal has fired", async () => {
    const signal = AbortSignal.abort("because");
    for (const call of [
      sys.statx(file, { signal }),
      sys.getdents(folder.path, { signal }),
      sys.openat(null, file, "r", 0, { signal }),
      sys.fiemap(fd, { signal }),
    ])
      await rejects(call, { name: "AbortError", cause: "because" });
  });

  it("leaves no descriptor behind", async () => {
    const gate = new Gate(folder, "gate");
    const abort = new AbortController();
    const { signal } = abort;
    const opened = one.sys.openat(null, gate.path, "r", 0, { signal });
    await until(() => one.nready === 0 && one.nthreads === 1);
    const listed = one.sys.getdents(folder.path, { timeout: 5 });
    const queued = one.sys.statx(file, { timeout: 5 });
    await Promise.all([
      rejects(listed, { code: "ETIMEDOUT", syscall: "openat" }),
      rejects(queued, {
        message: `ETIMEDOUT: connection timed out, statx '${file}'`,
        code: "ETIMEDOUT",
        errno: -110,
        path: file,
      }),
    ]);
    abort.abort();
    await rejects(opened, { name: "AbortError", code: "ABORT_ERR" });
    await gate.release();
    await one.nop();
    await until(() => descriptorsBelow(folder.path).length === 1);
  });

  it("takes its turn by its priority", async () => {
    const gate = new Gate(folder, "priorities");
    const opened = one.sys.openat(null, gate.path);
    await until(() => one.nready === 0 && one.nthreads === 1);
    const order: string[] = [];
    const calls = [-1, 0, 4].map((priority) =>
      one.sys.statx(file, { priority }).then(() => order.push(`${priority}`)),
    );
    await gate.release();
    await Promise.all(calls);
    expect(order).toEqual(["4", "0", "-1"]);
    await (await opened).close();
  });
});

describe("the door", () => {
  it("has a function for every op, of a handle, a path or a link", () => {
    const forms: Record<string, string> = { fstatx: "statx" };
    for (const name of ["get", "set", "list", "remove"])
      forms[`f${name}xattr`] = `${name}xattr`;
    // Ops that only libeio's form has are functions there.
    const own = Object.keys(sysOps).filter((op) => !(op in libeioOps));
    for (const op of own) expect(sys).toHaveProperty(forms[op] ?? op);
    const functions = new Set(own.map((op) => forms[op] ?? op));
    const names = Object.keys(sys).filter((name) => name !== "constants");
    expect(names.sort()).toEqual([...functions].sort());
  });

  it("has constants that cannot be changed", () => {
    expect(Object.isFrozen(sys.constants)).toBe(true);
    const { O_PATH, O_TMPFILE, S_IFIFO } = sys.constants;
    expect(S_IFIFO).toBe(fs.constants.S_IFIFO);
    expect(O_TMPFILE & fs.constants.O_DIRECTORY).toBe(fs.constants.O_DIRECTORY);
    expect(O_PATH).toBe(0o10000000);
  });
});
