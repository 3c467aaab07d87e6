// Each system call that an op makes in native code fails, the first time, the second, and so on, with each errno that
// its man page lists. Nothing hangs or stays open, nothing half made stays behind, and the error is Node's.
import {
  fault,
  noFaults,
  noMoreFaults,
  struck,
  type Call,
} from "../helpers/faults.ts";
import fs from "node:fs";
import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";

const eio = createEio({ backend: "threads" });
const { promises } = eio;
const folder = testFolder();
const small = Buffer.from("some text");
const large = Buffer.alloc((1 << 20) + 5000, "0123456789abcdef\n");
/** Written from where they lie. */
const several = Buffer.alloc(20_000, 7);

// What the man pages list, without EFAULT. EINTR comes to all of them: a file system in user space, or far away, may give it.
const path = "EACCES ELOOP ENAMETOOLONG ENOENT ENOMEM ENOTDIR";
const making = `${path} EDQUOT EEXIST EIO EMLINK ENOSPC EPERM EROFS`;
const manual: Partial<Record<Call, string>> = {
  open: `${path} EBUSY EDQUOT EEXIST EFBIG EINVAL EISDIR EIO EMFILE ENFILE ENODEV ENOSPC ENXIO EOPNOTSUPP EOVERFLOW EPERM EROFS ETXTBSY`,
  read: "EAGAIN EBADF EINVAL EIO EISDIR",
  writev: "EAGAIN EBADF EDQUOT EFBIG EINVAL EIO ENOSPC EPERM EPIPE",
  write: "EAGAIN EBADF EDQUOT EFBIG EINVAL EIO ENOSPC EPERM EPIPE",
  close: "EBADF EDQUOT EIO ENOSPC",
  statx: `${path} EBADF EINVAL EIO EPERM ENOSYS`,
  fsync: "EBADF EDQUOT EINVAL EIO ENOSPC EROFS",
  truncate: "EBADF EFBIG EINVAL EIO EPERM EROFS ETXTBSY",
  // Without ENOENT: to the C library as well, and so to Node, a folder that is gone is at its end.
  getdents: "EBADF EINVAL EIO ENOTDIR",
  mkdir: making,
  unlink: `${path} EBUSY EINVAL EIO EISDIR ENOTEMPTY EPERM EROFS`,
  rename: `${making} EBUSY EINVAL EISDIR ENOTEMPTY EXDEV`,
  link: `${making} EXDEV`,
  symlink: making,
  readlink: `${path} EINVAL EIO`,
  chmod: `${path} EIO EPERM EROFS`,
  chown: `${path} EIO EPERM EROFS`,
  utimes: `${path} EINVAL EPERM EROFS`,
  copy_range:
    "EBADF EFBIG EINVAL EIO EISDIR ENOMEM ENOSPC EOPNOTSUPP EOVERFLOW EPERM ETXTBSY EXDEV",
  clone: "EBADF EINVAL EISDIR EOPNOTSUPP EPERM ETXTBSY EXDEV",
};
const errnos: Record<string, number> = constants.errno;

/** What an op does in a folder that has `file`, `large`, `link` and a `tree`; and its value, if that is of interest. */
type Op = (at: string) => Promise<unknown>;

/**
 * The calls that may fail it, and how its error names them: the syscall, and `path` or `path dest` where they are in it; or
 * one of several such, with a bar between. A call that is not named does not fail it.
 */
type Names = Partial<Record<Call, string>>;

/** The codes that a failure may be reported with; null: it may be overcome. Otherwise it is that of the call. */
type Reported = (
  call: Call,
  code: string,
  skip: number,
) => string | null | (string | null)[];

async function withHandle<T>(
  name: string,
  flags: string,
  use: (handle: Awaited<ReturnType<typeof promises.open>>) => Promise<T>,
): Promise<T> {
  const handle = await promises.open(name, flags);
  try {
    return await use(handle);
  } finally {
    // A close that fails has closed.
    await handle.close();
  }
}

const changedMs = (name: string): number => fs.statSync(name).mtimeMs;

/**
 * What fails while the source is only read is left to JavaScript, which finds it well. An O_EXCL that finds something there is
 * for whoever has it, and what has become something else meanwhile cannot be copied.
 */
const whileCopying: Reported = (call, code) => {
  if (!["open", "statx", "close"].includes(call)) return code;
  return code === "ENXIO" ? [null, code, "EINVAL"] : [null, code];
};

const cpOptions = { recursive: true, preserveTimestamps: true };
const opened = { open: "open path", close: "close" };
const ops: Record<string, [Op, Names, Reported?]> = {
  open: [(at) => withHandle(`${at}/file`, "r", async () => {}), opened],
  read: [
    (at) =>
      withHandle(`${at}/file`, "r", async (handle) => {
        const { buffer, bytesRead } = await handle.read(
          Buffer.alloc(9),
          0,
          9,
          0,
        );
        return buffer.subarray(0, bytesRead).toString();
      }),
    { ...opened, read: "read" },
  ],
  write: [
    (at) => withHandle(`${at}/file`, "r+", (handle) => handle.write("text", 2)),
    { ...opened, write: "write" },
  ],
  writev: [
    (at) =>
      withHandle(`${at}/file`, "r+", (handle) =>
        handle.writev([several, several]),
      ),
    { ...opened, writev: "write" },
  ],
  fstat: [
    (at) =>
      withHandle(
        `${at}/file`,
        "r",
        async (handle) => (await handle.stat()).size,
      ),
    { ...opened, statx: "fstat" },
  ],
  sync: [
    (at) => withHandle(`${at}/file`, "r+", (handle) => handle.sync()),
    { ...opened, fsync: "fsync" },
  ],
  datasync: [
    (at) => withHandle(`${at}/file`, "r+", (handle) => handle.datasync()),
    { ...opened, fsync: "fdatasync" },
  ],
  ftruncate: [
    (at) => withHandle(`${at}/file`, "r+", (handle) => handle.truncate(3)),
    { ...opened, truncate: "ftruncate" },
  ],
  stat: [
    async (at) => (await promises.stat(`${at}/file`)).size,
    { statx: "stat path" },
  ],
  lstat: [
    async (at) => (await promises.lstat(`${at}/link`)).isSymbolicLink(),
    { statx: "lstat path" },
  ],
  chmod: [(at) => promises.chmod(`${at}/file`, 0o600), { chmod: "chmod path" }],
  chown: [(at) => promises.chown(`${at}/file`, 0, 0), { chown: "chown path" }],
  lchown: [
    (at) => promises.lchown(`${at}/link`, 0, 0),
    { chown: "lchown path" },
  ],
  utimes: [
    (at) => promises.utimes(`${at}/file`, 1, 2),
    { utimes: "utime path" },
  ],
  lutimes: [
    (at) => promises.lutimes(`${at}/link`, 1, 2),
    { utimes: "lutime path" },
  ],
  link: [
    (at) => promises.link(`${at}/file`, `${at}/new`),
    { link: "link path dest" },
  ],
  symlink: [
    (at) => promises.symlink("file", `${at}/new`),
    { symlink: "symlink path dest" },
  ],
  readlink: [
    (at) => promises.readlink(`${at}/link`),
    { readlink: "readlink path" },
  ],
  rename: [
    (at) => promises.rename(`${at}/file`, `${at}/new`),
    { rename: "rename path dest" },
  ],
  unlink: [(at) => promises.unlink(`${at}/file`), { unlink: "unlink path" }],
  rmdir: [(at) => promises.rmdir(`${at}/empty`), { unlink: "rmdir path" }],
  mkdir: [(at) => promises.mkdir(`${at}/new`), { mkdir: "mkdir path" }],
  truncate: [
    (at) => promises.truncate(`${at}/file`, 3),
    { open: "open path", truncate: "ftruncate" },
  ],
  "readFile, small": [
    (at) => promises.readFile(`${at}/file`, "utf8"),
    { open: "open path", read: "read" },
  ],
  "readFile, large": [
    async (at) => (await promises.readFile(`${at}/large`)).equals(large),
    { open: "open path", read: "read" },
  ],
  "writeFile, small": [
    (at) => promises.writeFile(`${at}/file`, small, { flush: true } as object),
    { ...opened, write: "write", fsync: "fsync" },
  ],
  "writeFile, large": [
    async (at) => {
      await promises.writeFile(`${at}/file`, large, { flush: true } as object);
      return fs.readFileSync(`${at}/file`).equals(large);
    },
    { ...opened, write: "write", fsync: "fsync" },
    // What was written counts, and the rest is tried again.
    (call, code, skip) => (call === "write" && skip > 0 ? null : code),
  ],
  "copyFile, large": [
    (at) => promises.copyFile(`${at}/large`, `${at}/new`),
    {
      open: "copyfile path dest",
      statx: "copyfile path dest",
      copy_range: "copyfile path dest",
      close: "copyfile path dest",
    },
    // A device is Node's to refuse, a file that is there is written over, and of the source nothing can be lost.
    (call, code, skip) =>
      (call === "open" && code === (skip === 0 ? "ENXIO" : "EEXIST")) ||
      (call === "close" && skip === 1)
        ? null
        : code,
  ],
  readdir: [
    async (at) => (await promises.readdir(`${at}/tree`)).sort(),
    { open: "scandir path", getdents: "scandir path" },
  ],
  "readdir, with types": [
    async (at) =>
      (await promises.readdir(`${at}/tree`, { withFileTypes: true }))
        .map((entry) => `${entry.name} ${entry.isDirectory()}`)
        .sort(),
    { open: "scandir path", getdents: "scandir path" },
  ],
  appendFile: [
    (at) => promises.appendFile(`${at}/file`, small),
    { ...opened, write: "write" },
  ],
  writeFileAtomic: [
    (at) => eio.writeFileAtomic(`${at}/file`, small),
    {
      open: "open path",
      write: "write path",
      fsync: "fsync path",
      close: "close path",
      statx: "stat path|fstat path",
      rename: "rename path",
    },
    // Beside it somebody looks for leftovers of others, what is not there is new, and a folder that is read loses nothing.
    (call, code, skip) => {
      if (call === "open" || call === "close") return [null, code];
      return call === "statx" && skip === 0 && code === "ENOENT" ? null : code;
    },
  ],
  "mkdir -p": [
    (at) => promises.mkdir(`${at}/new`, { recursive: true }).then(() => 0),
    { mkdir: "mkdir path", statx: "mkdir path" },
    // As Node, which looks what is there after most failures, and begins further up after this one.
    (call, code) => {
      if (call !== "mkdir") return code;
      if (code === "ENOENT") return null;
      const final = ["EACCES", "ENOSPC", "ENOTDIR", "EPERM"].includes(code);
      return final ? code : "ENOENT";
    },
  ],
  mkdtemp: [
    async (at) => (await promises.mkdtemp(`${at}/new-`)).length,
    { mkdir: "mkdtemp path" },
    (_call, code) => (code === "EEXIST" ? null : code),
  ],
  "cp, a file": [
    async (at) => {
      await promises.cp(`${at}/file`, `${at}/new`, cpOptions);
      return [
        fs.readFileSync(`${at}/new`).equals(small),
        changedMs(`${at}/new`),
      ];
    },
    {
      open: "copyfile path dest",
      statx: "copyfile path dest|stat path",
      copy_range: "copyfile path dest",
      close: "copyfile path dest",
      utimes: "utime path",
    },
    whileCopying,
  ],
  "cp, a link": [
    async (at) => {
      await promises.cp(`${at}/link`, `${at}/new`);
      return fs.readlinkSync(`${at}/new`).slice(at.length);
    },
    { readlink: "readlink path", symlink: "symlink path dest" },
  ],
  "cp, a tree": [
    async (at) => {
      await promises.cp(`${at}/tree`, `${at}/new`, cpOptions);
      return [namesIn(`${at}/new`), changedMs(`${at}/new/file`)];
    },
    {
      mkdir: "mkdir path",
      open: "opendir path|open path|copyfile path dest",
      statx: "copyfile path dest|stat path|chmod path",
      copy_range: "copyfile path dest",
      close: "copyfile path dest",
      chmod: "chmod path",
      utimes: "utime path",
    },
    whileCopying,
  ],
  rm: [
    (at) => promises.rm(`${at}/tree`, { recursive: true, maxRetries: 1 }),
    {},
  ],
};

/** After these native code leaves it to others, waits for a descriptor, or goes another way. */
const goesOn: Partial<Record<Call, string[]>> = {
  open: ["EMFILE", "ENFILE"],
  statx: ["ENOSYS", "EPERM"],
  copy_range: ["EXDEV", "EINVAL", "EOPNOTSUPP", "EPERM", "EBADF"],
};

const calls = Object.keys(manual) as Call[];
let made = 0;

function makeFolder(name: string): string {
  const at = folder.join(String(made++));
  fs.mkdirSync(`${at}/tree/below`, { recursive: true });
  fs.mkdirSync(`${at}/empty`);
  fs.writeFileSync(`${at}/file`, small);
  if (name.includes("arge")) fs.writeFileSync(`${at}/large`, large);
  fs.writeFileSync(`${at}/tree/file`, small);
  for (const name of ["file", "tree/file"])
    fs.utimesSync(`${at}/${name}`, 1, 2);
  fs.symlinkSync("file", `${at}/link`);
  return at;
}

const namesIn = (at: string): string[] =>
  fs.readdirSync(at, { recursive: true, encoding: "utf8" }).sort();

/** To the letter: message, fields and their order. */
function expectNodes(
  error: NodeJS.ErrnoException,
  code: string,
  named: string,
) {
  const { syscall } = error;
  const names = named.split("|").map((name) => name.split(" "));
  expect(names.map(([known]) => known)).toContain(syscall);
  const [, ...fields] = names.find(([known]) => known === syscall)!;
  const { dest } = error as { dest?: string };
  const errno = -errnos[code]!;
  const [known, text] = getSystemErrorMap().get(errno) ?? [
    `Unknown system error ${errno}`,
    `Unknown system error ${errno}`,
  ];
  const paths =
    (fields.includes("path") ? ` '${error.path}'` : "") +
    (fields.includes("dest") ? ` -> '${dest}'` : "");
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe(`${known}: ${text}, ${syscall}${paths}`);
  expect(error).toMatchObject({ errno, code: known });
  expect(Object.keys(error)).toEqual(["errno", "code", "syscall", ...fields]);
}

afterEach(noMoreFaults);
afterAll(() => eio.close());

/** Has one call fail while the op runs in a folder of its own. */
async function tryOut(
  name: string,
  call: Call,
  code: string,
  skip: number,
  right: unknown,
): Promise<"not made" | "overcome" | "reported"> {
  const [op, names, reported] = ops[name]!;
  const named = names[call];
  const may =
    code === "EINTR"
      ? [null]
      : [reported ? reported(call, code, skip) : code].flat();
  const at = makeFolder(name);
  const before = namesIn(at);
  fault(call, -errnos[code]!, 1, skip);
  const outcome = await op(at).then(
    (value) => ({ value }),
    (error: NodeJS.ErrnoException) => ({ error }),
  );
  if (struck(call) === 0) return "not made";
  if ("error" in outcome) {
    const { error } = outcome;
    const as = may.find((one) => one && errnos[one] === -error.errno!);
    expect(named).toBeDefined();
    expectNodes(error, as ?? may.join(" or "), named!);
    // As with Node, a cp that fails leaves what it has copied, and nothing that is not whole.
    const isCopied = (one: string): boolean =>
      name.startsWith("cp,") && /^new\b/.test(one);
    const left = namesIn(at).filter((one) => !isCopied(one));
    for (const copied of namesIn(at).filter(isCopied))
      if (fs.statSync(`${at}/${copied}`).isFile())
        expect(fs.readFileSync(`${at}/${copied}`)).toEqual(small);
    expect(left).toEqual(before);
  } else {
    if (named !== undefined && !may.includes(null))
      expect(goesOn[call] ?? []).toContain(code);
    expect(outcome.value).toEqual(right);
  }
  expect(descriptorsBelow(at)).toEqual([]);
  fs.rmSync(at, { recursive: true });
  return "error" in outcome ? "reported" : "overcome";
}

/** How often it was made to fail. */
async function failEach(
  name: string,
  call: Call,
  right: unknown,
): Promise<number> {
  let failures = 0;
  let reports = 0;
  // Where all of them go well it makes the same number of them each time.
  let callsMade = Infinity;
  for (const code of `EINTR ${manual[call]}`.split(" "))
    for (let skip = 0; skip < callsMade; skip++) {
      const which = `${name}: ${call} ${skip + 1} fails with ${code}`;
      const became = await tryOut(name, call, code, skip, right).catch(
        (error: unknown) => {
          throw new Error(which, { cause: error });
        },
      );
      if (became === "not made") {
        expect(callsMade, which).toBe(Infinity);
        callsMade = skip;
        break;
      }
      if (became === "reported") reports++;
      failures++;
    }
  if (callsMade > 0)
    expect([name, call, reports > 0]).toEqual([
      name,
      call,
      call in ops[name]![1],
    ]);
  return failures;
}

describe.skipIf(noFaults)("an op whose system call fails", () => {
  it.each(Object.keys(ops))("%s", async (name) => {
    let failures = 0;
    const right = await ops[name]![0](makeFolder(name));
    for (const call of calls) failures += await failEach(name, call, right);
    expect(failures).toBeGreaterThan(0);
    expect(eio.nreqs).toBe(0);
  });
});
