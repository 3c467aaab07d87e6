// Every operation on a path, listed once: which ops of the table it is for, and how it is called with
// paths that a test chooses. Tests of working directories go through all of them.
import fs from "node:fs";
import type { Eio } from "../../../src/api/create.ts";
import { promised, settlePromise } from "../../../src/api/submit.ts";
import { constants as sysConstants } from "../../../src/api/sys/constants.ts";
import { NO_TERMS, applyTerms } from "../../../src/api/terms.ts";
import { start } from "../../../src/api/working-directories/start.ts";
import type { WorkingDirectory } from "../../../src/api/working-directories/working-directory.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { ops, type OpName } from "../../../src/ops/table.ts";
import { Request } from "../../../src/request/request.ts";
import { decodeNone } from "../../../src/request/results.ts";

export interface Sides {
  eio: Eio;
  engine: Engine;
  wd: WorkingDirectory;
}

export interface Operation {
  ops: OpName[];
  /** Whether `path` has to be there (a file, a folder), or must not. */
  wants: "file" | "folder" | "nothing";
  /** Whether the last part of the path is followed if it is a link. */
  follows: boolean;
  run(sides: Sides, path: string): Promise<unknown>;
}

const { AT_SYMLINK_NOFOLLOW } = sysConstants;
const { S_IFIFO } = fs.constants;

/** An op that only the eio door submits. */
function viaEio(
  { engine, wd }: Sides,
  name: OpName,
  path: string,
  path2: string | null = null,
): Promise<unknown> {
  const request = new Request(ops[name].code, decodeNone, settlePromise);
  request.path = path;
  request.path2 = path2;
  request.room = 1 << 14;
  const terms = NO_TERMS.with({ wd: wd[start], destWd: wd[start] });
  return promised(engine, applyTerms(request, terms));
}

async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}

async function closing(
  opened: Promise<{ close(): Promise<void> }>,
): Promise<string> {
  await (await opened).close();
  return "opened";
}

type Run = Operation["run"];
const of =
  (wants: Operation["wants"], follows: boolean) =>
  (ops: OpName[], run: Run): Operation => ({ ops, wants, follows, run });
const file = of("file", true);
const link = of("file", false);
const folder = of("folder", true);
const nothing = of("nothing", false);

/** A file in the folder of every test, for what needs a second path. */
export const OTHER = "other.txt";

export const operations: Record<string, Operation> = {
  stat: file(
    ["stat"],
    async ({ wd }, path) => (await wd.promises.stat(path)).size,
  ),
  lstat: link(
    ["lstat"],
    async ({ wd }, path) => (await wd.promises.lstat(path)).size,
  ),
  statfs: file(
    ["statfs"],
    async ({ wd }, path) => (await wd.promises.statfs(path)).type,
  ),
  access: file(["access"], ({ wd }, path) => wd.promises.access(path)),
  exists: file(
    ["access"],
    ({ wd }, path) =>
      new Promise((resolve, reject) =>
        wd.fs.exists(path, (there) =>
          there
            ? resolve(true)
            : reject(Object.assign(new Error("no"), { code: "EXDEV" })),
        ),
      ),
  ),
  chmod: file(["chmod"], ({ wd }, path) => wd.promises.chmod(path, 0o644)),
  chown: file(["chown"], ({ wd }, path) =>
    wd.promises.chown(path, process.getuid!(), process.getgid!()),
  ),
  lchown: link(["lchown"], ({ wd }, path) =>
    wd.promises.lchown(path, process.getuid!(), process.getgid!()),
  ),
  utimes: file(["utimes"], ({ wd }, path) => wd.promises.utimes(path, 1, 2)),
  lutimes: link(["lutimes"], ({ wd }, path) => wd.promises.lutimes(path, 1, 2)),
  "link from": link(["link"], ({ wd }, path) =>
    wd.promises.link(path, "linked"),
  ),
  "link to": nothing(["link"], ({ wd }, path) => wd.promises.link(OTHER, path)),
  symlink: nothing(["symlink"], ({ wd }, path) =>
    wd.promises.symlink(OTHER, path),
  ),
  "rename from": link(["rename"], ({ wd }, path) =>
    wd.promises.rename(path, "renamed"),
  ),
  "rename to": nothing(["rename"], ({ wd }, path) =>
    wd.promises.rename(OTHER, path),
  ),
  unlink: link(["unlink"], ({ wd }, path) => wd.promises.unlink(path)),
  rmdir: of("folder", false)(["rmdir"], ({ wd }, path) =>
    wd.promises.rmdir(path),
  ),
  mkdir: nothing(["mkdir"], ({ wd }, path) => wd.promises.mkdir(path)),
  "mkdir recursive": nothing(["mkdirp"], ({ wd }, path) =>
    wd.promises.mkdir(`${path}/a/b`, { recursive: true }),
  ),
  mkdtemp: nothing(
    ["mkdtemp"],
    async ({ wd }, path) => (await wd.promises.mkdtemp(`${path}-`)).length,
  ),
  mkdtempDisposable: nothing(["mkdtemp"], async ({ wd }, path) =>
    (await wd.promises.mkdtempDisposable(`${path}-`)).remove(),
  ),
  "copyFile from": file(["copyFile"], ({ wd }, path) =>
    wd.promises.copyFile(path, "copied"),
  ),
  "copyFile to": of("nothing", true)(["copyFile"], ({ wd }, path) =>
    wd.promises.copyFile(OTHER, path),
  ),
  "cpfile from": file(["cpfile"], (sides, path) =>
    viaEio(sides, "cpfile", path, "copied"),
  ),
  "cpfile to": of("nothing", true)(["cpfile"], (sides, path) =>
    viaEio(sides, "cpfile", OTHER, path),
  ),
  "copyFile with a digest from": file(["copyDigest"], ({ eio, wd }, path) =>
    eio.copyFile(path, "copied", { wd, digest: "crc32c" }),
  ),
  "copyFile with a digest to": of("nothing", true)(
    ["copyDigest"],
    ({ eio, wd }, path) => eio.copyFile(OTHER, path, { wd, digest: "crc32c" }),
  ),
  realpath: file(["realpath"], ({ wd }, path) => wd.promises.realpath(path)),
  "realpath by callback": file(
    ["realpath", "realpathWalk"],
    ({ eio, wd }, path) =>
      new Promise((resolve, reject) =>
        eio.fs.realpath(path, { wd }, (error, real) =>
          error === null ? resolve(real) : reject(error),
        ),
      ),
  ),
  open: file(["open"], ({ wd }, path) => closing(wd.promises.open(path))),
  "open to make": of("nothing", true)(["open"], ({ wd }, path) =>
    closing(wd.promises.open(path, "w")),
  ),
  openDirect: file(["open"], ({ eio, wd }, path) =>
    closing(eio.openDirect(path, "r", 0, { wd, fallback: true })),
  ),
  readFile: file(["slurp"], ({ wd }, path) =>
    wd.promises.readFile(path, "utf8"),
  ),
  readFiles: file(["slurp"], async ({ eio, wd }, path) => {
    const [read] = await eio.readFiles([path], { wd, encoding: "utf8" });
    if (read!.status === "rejected") throw read!.reason;
    return read!.value;
  }),
  statMany: file(["statMany"], async ({ eio, wd }, path) => {
    const [outcome] = await eio.statMany([path], { wd });
    if (outcome!.status === "rejected") throw outcome!.reason;
    return outcome!.value.size;
  }),
  writeFile: of("nothing", true)(["spew"], ({ wd }, path) =>
    wd.promises.writeFile(path, "written"),
  ),
  "writeFile of much": of("nothing", true)(["open"], ({ wd }, path) =>
    wd.promises.writeFile(path, Buffer.alloc(3 << 20)),
  ),
  appendFile: file(["spew"], ({ wd }, path) =>
    wd.promises.appendFile(path, "more"),
  ),
  truncate: file(["truncate"], ({ wd }, path) => wd.promises.truncate(path, 1)),
  readlink: of("nothing", false)(["readlink"], ({ wd }, path) =>
    wd.promises.readlink(path),
  ),
  readdir: folder(["scandir"], ({ wd }, path) => wd.promises.readdir(path)),
  "readdir with types": folder(["scandir"], async ({ wd }, path) =>
    (await wd.promises.readdir(path, { withFileTypes: true })).map(
      ({ name }) => name,
    ),
  ),
  "readdir recursive": folder(["scandir"], ({ wd }, path) =>
    wd.promises.readdir(path, { recursive: true }),
  ),
  opendir: folder(["opendir"], async ({ wd }, path) =>
    (await all(await wd.promises.opendir(path))).map(({ name }) => name),
  ),
  rm: link(["rmtree"], ({ wd }, path) => wd.promises.rm(path)),
  "rm recursive": of("folder", false)(["rmtree"], ({ wd }, path) =>
    wd.promises.rm(path, { recursive: true }),
  ),
  "cp from": of("folder", false)(["cptree"], ({ wd }, path) =>
    wd.promises.cp(path, "tree", { recursive: true }),
  ),
  "cp to": nothing(["cptree"], ({ wd }, path) =>
    wd.promises.cp("folder", path, { recursive: true }),
  ),
  "cp filtered": of("folder", false)(["cptree"], ({ wd }, path) =>
    wd.promises.cp(path, "tree", { recursive: true, filter: () => true }),
  ),
  createReadStream: file(["open"], async ({ wd }, path) =>
    Buffer.concat(
      await all(wd.fs.createReadStream(path) as AsyncIterable<Buffer>),
    ).toString(),
  ),
  createWriteStream: of("nothing", true)(
    ["open"],
    ({ wd }, path) =>
      new Promise<void>((resolve, reject) => {
        const stream = wd.fs.createWriteStream(path);
        stream.on("error", reject).on("finish", resolve).end("streamed");
      }),
  ),
  statx: file(
    ["statx"],
    async ({ eio, wd }, path) => (await eio.sys.statx(path, { at: wd })).size,
  ),
  "statx of a link": link(
    ["statx"],
    async ({ eio, wd }, path) =>
      (await eio.sys.statx(path, { wd, flags: AT_SYMLINK_NOFOLLOW })).size,
  ),
  openat: file(["openat"], ({ eio, wd }, path) =>
    closing(eio.sys.openat(wd, path)),
  ),
  openat2: file(["openat2"], ({ eio, wd }, path) =>
    closing(eio.sys.openat2(wd, path)),
  ),
  "renameat2 from": link(["renameat2"], ({ eio, wd }, path) =>
    eio.sys.renameat2(path, "renamed", 0, { at: wd }),
  ),
  "renameat2 to": nothing(["renameat2"], ({ eio, wd }, path) =>
    eio.sys.renameat2(OTHER, path, 0, { wd }),
  ),
  mknod: nothing(["mknod"], ({ eio, wd }, path) =>
    eio.sys.mknod(path, S_IFIFO | 0o600, { at: wd }),
  ),
  getdents: folder(["openat"], ({ eio, wd }, path) =>
    eio.sys.getdents(path, { at: wd }),
  ),
  setxattr: file(["setxattr"], ({ eio, wd }, path) =>
    eio.sys.setxattr(path, "user.eio", "value", { wd }),
  ),
  getxattr: file(["getxattr"], async ({ eio, wd }, path) => {
    const { setxattr, getxattr } = eio.sys;
    if (path === "file") await setxattr(path, "user.eio", "value", { wd });
    return await getxattr(path, "user.eio", { wd });
  }),
  listxattr: file(["listxattr"], ({ eio, wd }, path) =>
    eio.sys.listxattr(path, { wd }),
  ),
  removexattr: file(["removexattr"], async ({ eio, wd }, path) => {
    const { setxattr, removexattr } = eio.sys;
    if (path === "file") await setxattr(path, "user.eio", "value", { wd });
    return await removexattr(path, "user.eio", { wd });
  }),
  dents: folder(["dents"], (sides, path) => viaEio(sides, "dents", path)),
  statvfs: file(["statvfs"], (sides, path) => viaEio(sides, "statvfs", path)),
};

/** Ops that take a path, and that no function with a folder leads to: why. */
export const withoutFolder: Partial<Record<OpName, string>> = {
  lchmod:
    "Linux has none, and Node's function refuses everywhere else but on macOS",
  spewAtomic: "writeFileAtomic refuses those that keep paths within",
  syncPath: "writeFileAtomic refuses those that keep paths within",
  survey: "watchTree() keeps paths of its own",
};
