// The permission model in processes of their own: what it denies is denied as Node denies it by functions
// of Node's shape, and in every operation that Node lacks; what it allows works with whatever is left.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { REGISTER, Setting, allowances, url } from "./setting.ts";

const setting = new Setting();
afterAll(() => setting.remove());

/** Each call in its two forms: how it ends, and whether it throws, calls back or rejects. */
const nodesShape = `
  import fs from "node:fs";
  const [allowed, denied] = process.argv.slice(2);
  const [a, b, d] = [allowed + "/file", allowed + "/made", denied + "/file"];
  const calls = [
    ["readFile", d], ["readFile", "../denied/file"], ["readFile", Buffer.from(d)], ["readFile", a],
    ["stat", d], ["stat", new URL("file://" + d)], ["stat", a], ["lstat", d], ["statfs", d], ["access", d],
    ["open", d], ["open", d, "w"], ["open", d, "r+"], ["open", d, fs.constants.O_CREAT],
    ["chmod", d, 0o600], ["chown", d, 0, 0], ["lchown", d, 0, 0], ["utimes", d, 1, 1], ["lutimes", d, 1, 1],
    ["link", d, b], ["link", a, d], ["symlink", d, b], ["symlink", "file", b], ["rename", d, b], ["rename", a, d],
    ["copyFile", d, b], ["copyFile", a, d], ["readlink", d], ["unlink", d], ["rmdir", denied],
    ["mkdir", denied + "/x"], ["mkdir", denied + "/x/y", { recursive: true }], ["mkdtemp", denied + "/x"],
    ["truncate", d], ["writeFile", d, "x"], ["writeFile", b, "x"], ["appendFile", d, "x"],
    ["writeFile", d, "x".repeat(2 << 20)], ["realpath", d], ["realpath", a],
    ["readdir", denied], ["readdir", allowed + "/sub", { recursive: true }], ["opendir", denied],
    ["rm", d], ["rm", denied, { recursive: true }], ["rm", b],
    ["cp", d, b], ["cp", a, d], ["cp", denied, b, { recursive: true }], ["cp", a, b],
    ["rm", b, { recursive: true, force: true }], ["cp", allowed + "/sub", b, { recursive: true }],
    ["rm", b, { recursive: true }],
  ];
  const shown = (error) => error ? [error.name, error.code, error.permission, error.resource, error.message] : "done";
  const outcomes = [];
  for (const [name, ...args] of calls) {
    const promised = await fs.promises[name](...args).then(async (value) => (await value?.close?.(), "done"), shown);
    let called;
    try {
      called = await new Promise((resolve, reject) => {
        fs[name](...args, (error, value) => {
          if (name === "open" && !error) fs.closeSync(value);
          resolve(shown(error));
        });
      });
    } catch (error) {
      called = ["thrown", ...shown(error)];
    }
    outcomes.push([name, String(args[0]), promised, called]);
  }
  const fd = fs.openSync(a);
  for (const [name, ...args] of [["fchmod", 0o600], ["fchown", 0, 0], ["futimes", 1, 1], ["fsync"], ["fdatasync"], ["fstat"]])
    outcomes.push([name, await new Promise((resolve) => fs[name](fd, ...args, (error) => resolve(shown(error))))]);
  for (const name of ["createReadStream", "createWriteStream"])
    outcomes.push([name, await new Promise((resolve) => fs[name](d).on("error", (error) => resolve(shown(error))))]);
  console.log(JSON.stringify(outcomes));`;

/** What only this library has: the code, the scope and the path of each refusal. */
const beyond = `
  import { createEio } from ${JSON.stringify(url("index.js"))};
  const eio = createEio();
  const door = eio.eio;
  const [allowed, denied] = process.argv.slice(2);
  const [a, d] = [allowed + "/file", denied + "/file"];
  const shown = ({ code, errno, permission, resource }) => [code, permission, resource].filter((word) => word !== undefined);
  const libeio = (name, ...args) => new Promise((resolve, reject) =>
    door[name](...args, (req) => req.result < 0 ? reject(req.error) : resolve()));
  const wd = await eio.wd(allowed);
  const tries = {
    statx: () => eio.sys.statx(d),
    openat: () => eio.sys.openat(null, d),
    mknod: () => eio.sys.mknod(denied + "/fifo", 0o10600),
    wd: () => eio.wd(denied),
    above: () => wd.promises.readFile("../denied/file"),
    absolute: () => wd.promises.writeFile(d, "x"),
    option: () => eio.promises.stat("../denied/file", { wd }),
    copied: () => wd.promises.cp("file", d),
    removed: () => wd.promises.rm("../denied", { recursive: true }),
    linked: () => wd.promises.symlink("../denied/file", "link"),
    direct: () => eio.openDirect(d, "r", null, { fallback: true }),
    atomic: () => eio.writeFileAtomic(d, "x", { durable: false }),
    lock: () => eio.lock(d),
    leaseLock: () => eio.leaseLock(denied + "/lease"),
    custom: () => eio.custom(denied + "/module.cjs"),
    executor: async () => eio.executor(denied + "/module.cjs"),
    grouped: () => eio.group().promises.readFile(d),
    open: () => libeio("open", d, 0, 0),
    scan: () => libeio("readdir", denied, 0),
    plus: () => libeio("readdirplus", denied, 0),
  };
  const refused = {};
  for (const [name, run] of Object.entries(tries)) refused[name] = await run().then(() => "done", shown);
  const each = (outcomes) => outcomes.map(({ value, reason }) => reason ? shown(reason) : "done");
  const found = [];
  for await (const name of eio.promises.glob(denied + "/*")) found.push(name);
  const handle = await eio.promises.open(a, "r+");
  const written = await handle.write("content", 0);
  const disabled = await handle.chmod(0o600).then(() => "done", shown);
  await handle.close();
  const outcome = {
    refused, found, disabled,
    files: each(await eio.readFiles([a, d], "utf8")),
    stats: each(await eio.statMany([d, a])),
    works: [await eio.promises.readFile(a, "utf8"), (await wd.promises.stat("file")).size, written.bytesWritten,
      await eio.custom(allowed + "/module.cjs"), (await eio.promises.readdir(allowed)).includes("file")],
    reasons: Object.entries(eio.backends).filter(([, { available }]) => !available).map(([name, { reason }]) => [name, reason]),
    without: eio.backends.pool.available ? null : eio.backend,
  };
  await wd.close();
  await eio.close();
  console.log(JSON.stringify(outcome));`;

interface Beyond {
  refused: Record<string, unknown>;
  found: string[];
  disabled: unknown;
  files: unknown[];
  stats: unknown[];
  works: unknown[];
  reasons: [name: string, reason: string][];
  without: string | null;
}

const CODE = "ERR_ACCESS_DENIED";

describe.each(Object.entries(allowances))("a process %s", (_name, allowed) => {
  const file = path.join(setting.denied, "file");

  it("is refused as Node refuses it, by every function of Node's", () => {
    const plain = setting.run(nodesShape, allowed);
    expect(setting.run(nodesShape, [...allowed, ...REGISTER])).toEqual(plain);
  });

  it("is refused by every operation that Node lacks, and may use those that are allowed", () => {
    const outcome = setting.run(beyond, allowed) as Beyond;
    const read = (resource: string) => [CODE, "FileSystemRead", resource];
    const write = (resource: string) => [CODE, "FileSystemWrite", resource];
    expect(outcome.refused).toEqual({
      statx: read(file),
      openat: read(file),
      mknod: write(path.join(setting.denied, "fifo")),
      wd: read(setting.denied),
      above: read("../denied/file"),
      absolute: write(file),
      option: read("../denied/file"),
      copied: read(file),
      removed: read("../denied"),
      linked: [CODE, "", ""],
      direct: read(file),
      atomic: write(file),
      lock: read(file),
      leaseLock: read(path.join(setting.denied, "lease")),
      custom: read(path.join(setting.denied, "module.cjs")),
      executor: read(path.join(setting.denied, "module.cjs")),
      grouped: read(file),
      open: read(file),
      scan: read(setting.denied),
      plus: read(setting.denied),
    });
    expect(outcome.found).toEqual([]);
    expect(outcome.disabled).toEqual([CODE, "", ""]);
    expect(outcome.files).toEqual(["done", read(file)]);
    expect(outcome.stats).toEqual([read(file), "done"]);
    expect(outcome.works).toEqual(["content", 7, 7, 42, true]);
    expect(fs.readFileSync(file, "utf8")).toBe("content");
    const reasons = Object.fromEntries(outcome.reasons);
    if (!allowed.includes("--allow-worker"))
      expect(reasons["pool"]).toContain("--allow-worker");
    if (!allowed.includes("--allow-addons"))
      expect(reasons["nowait"]).toContain("no native code");
    if (allowed.length === 0) expect(outcome.without).toBe("node");
  });
});

it("imports every door where the current folder may not be read", () => {
  const program = `
    const doors = [];
    for (const door of ${JSON.stringify(["index.js", "promises.js", "fs.js", "eio.js", "register.js"].map(url))})
      doors.push(Object.keys(await import(door)).length > 0);
    const fs = await import("node:fs");
    console.log(JSON.stringify([doors, (await fs.promises.readFile(process.argv[2] + "/file", "utf8"))]));`;
  expect(setting.run(program, [], setting.denied)).toEqual([
    [true, true, true, true, true],
    "content",
  ]);
});

const canDrop = Number.parseInt(process.versions.node, 10) >= 24;

it.runIf(canDrop)("reads nothing any more after permission.drop()", () => {
  const program = `
    import { eio } from ${JSON.stringify(url("index.js"))};
    const file = process.argv[2] + "/file";
    const before = await eio.promises.readFile(file, "utf8");
    const executor = eio.executor(process.argv[2] + "/module.cjs");
    const called = await executor.call("default");
    process.permission.drop("fs.read");
    const tries = [eio.promises.readFile(file), eio.sys.statx(file), eio.promises.readFile(file, { priority: 1 }),
      executor.call("default"), executor.session(), executor.stream("default").next()];
    const after = (await Promise.allSettled(tries)).map(({ reason }) => reason?.code);
    const [{ reason }] = await eio.readFiles([file]);
    await executor.close();
    console.log(JSON.stringify([before, called, after, reason?.code]));`;
  const allowed = ["--allow-worker", "--allow-addons"];
  expect(setting.run(program, allowed)).toEqual([
    "content",
    42,
    [CODE, CODE, CODE, CODE, CODE, CODE],
    CODE,
  ]);
});

/** Parts of the package that nothing had used when it could no longer be read. */
const afterDrop = `
  import { eio } from ${JSON.stringify(url("index.js"))};
  import door from ${JSON.stringify(url("eio.js"))};
  import { Writable } from "node:stream";
  const [allowed] = process.argv.slice(2);
  process.permission.drop("fs.read");
  const file = allowed + "/file", none = allowed + "/none";
  const first = async (all) => { for await (const one of all) return one; };
  const code = (error) => error.code ?? error.message;
  const tries = {
    statx: () => eio.sys.statx(file),
    readFiles: async () => code((await eio.readFiles([file]))[0].reason),
    statMany: async () => code((await eio.statMany([file]))[0].reason),
    cp: () => eio.cp(file, none),
    promisesCp: () => eio.promises.cp(file, none),
    glob: async () => (await first(eio.promises.glob(allowed + "/*"))) ?? "nothing",
    atomic: () => eio.writeFileAtomic(file, "x"),
    direct: () => eio.openDirect(file),
    group: () => eio.group().promises.readFile(file),
    wd: () => eio.wd(allowed),
    tail: () => first(eio.tail(file)),
    watchTree: () => first(eio.watchTree(allowed)),
    appendLog: () => eio.appendLog(none),
    readLog: () => first(eio.readLog(none)),
    lock: () => eio.lock(file),
    leaseLock: () => eio.leaseLock(file),
    sendFile: () => eio.sendFile(file, new Writable()),
    stream: () => first(eio.fs.createReadStream(file)),
    door: () => new Promise((resolve) => door.stat(file, 0, ({ errorno }) => resolve(errorno))),
    custom: () => eio.custom("node:path", ["/folder/name"], { name: "basename" }),
    stats: async () => Object.keys(eio.stats()).length > 0,
    why: async () => eio.why("stat").goes,
  };
  const outcome = {};
  for (const [name, run] of Object.entries(tries)) outcome[name] = await run().then((value) => value ?? "done", code);
  await eio.close();
  console.log(JSON.stringify(outcome));`;

it.runIf(canDrop).each(Object.entries(allowances))(
  "a process %s loads every part on first use, when the package may not be read any more",
  (_name, allowed) => {
    const refused = Object.fromEntries(
      [
        ...["statx", "readFiles", "statMany", "cp", "promisesCp", "atomic"],
        ...["direct", "group", "wd", "tail", "watchTree", "appendLog"],
        ...["readLog", "lock", "leaseLock", "stream"],
      ].map((name) => [name, CODE]),
    );
    expect(setting.run(afterDrop, allowed)).toEqual({
      ...refused,
      sendFile: "ERR_INVALID_ARG_TYPE",
      glob: "nothing",
      door: os.constants.errno.EACCES,
      custom: "name",
      stats: true,
      why: ["node"],
    });
  },
);
