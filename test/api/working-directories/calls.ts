// Every function of node:fs that takes a path, as arguments with a place for the path: for tests that call
// all of them in each form. Functions that are ours alone are in operations.ts.
import { Readable } from "node:stream";
import { OTHER } from "./operations.ts";
import type { Wanted } from "./ways-out.ts";

export interface Call extends Wanted {
  name: string;
  /** Made anew for each call: data may be used up. */
  args(path: string | Buffer): unknown[];
  options?: object;
  /** For promises only. */
  pieces?: boolean;
  /** Takes paths as bytes, too. */
  text?: boolean;
}

const LARGE_BYTES = 2 << 20;
const large = Buffer.alloc(LARGE_BYTES, "large");
const largeText = large.toString();
const chunks = ["one", Buffer.alloc(LARGE_BYTES, "two"), "three"];
async function* generated(): AsyncGenerator<string | Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

const payloads: Record<string, [make: () => unknown, pieces: boolean]> = {
  "a text": [() => "written", false],
  "2 MiB": [() => large, false],
  "2 MiB of text": [() => largeText, false],
  "an iterable": [() => chunks, true],
  "an async iterable": [generated, true],
  "a stream": [() => Readable.from(chunks), true],
};

const uid = process.getuid?.() ?? 0;
const gid = process.getgid?.() ?? 0;

type Rest = Partial<Omit<Call, "name" | "args">>;
const of =
  (wants: Call["wants"], follows: boolean) =>
  (name: string, args: Call["args"], rest: Rest = {}): Call => ({
    ...{ name, args, wants, follows },
    ...rest,
  });
const file = of("file", true);
const link = of("file", false);
const folder = of("folder", true);
const nothing = of("nothing", false);
const made = of("nothing", true);

const writers = ["writeFile", "appendFile"].flatMap((name) =>
  Object.entries(payloads).map(([about, [data, pieces]]): [string, Call] => [
    `${name} of ${about}`,
    made(name, (path) => [path, data()], { pieces }),
  ]),
);

export const calls: Record<string, Call> = {
  ...Object.fromEntries(writers),
  access: file("access", (path) => [path, 0]),
  chmod: file("chmod", (path) => [path, 0o644]),
  chown: file("chown", (path) => [path, uid, gid]),
  lchown: link("lchown", (path) => [path, uid, gid]),
  utimes: file("utimes", (path) => [path, 1, 2]),
  lutimes: link("lutimes", (path) => [path, 1, 2]),
  "copyFile from": file("copyFile", (path) => [path, "copied", 0]),
  "copyFile to": made("copyFile", (path) => [OTHER, path, 0]),
  "cp from": of("folder", false)("cp", (path) => [path, "tree"], {
    options: { recursive: true },
    text: true,
  }),
  "cp to": nothing("cp", (path) => ["folder", path], {
    options: { recursive: true },
    text: true,
  }),
  "cp from, filtered": of("folder", false)("cp", (path) => [path, "tree2"], {
    options: { recursive: true, filter: () => true },
    text: true,
  }),
  "cp to, filtered": nothing("cp", (path) => ["folder", path], {
    options: { recursive: true, filter: () => true },
    text: true,
  }),
  "link from": link("link", (path) => [path, "linked"]),
  "link to": nothing("link", (path) => [OTHER, path]),
  lstat: link("lstat", (path) => [path]),
  stat: file("stat", (path) => [path]),
  statfs: file("statfs", (path) => [path]),
  mkdir: nothing("mkdir", (path) => [path]),
  "mkdir of several": nothing("mkdir", (path) => [path], {
    options: { recursive: true },
  }),
  mkdtemp: nothing("mkdtemp", (path) => [path]),
  mkdtempDisposable: nothing("mkdtempDisposable", (path) => [path], {
    pieces: true,
  }),
  open: file("open", (path) => [path, "r", 0o666]),
  "open to write": made("open", (path) => [path, "w", 0o666]),
  opendir: folder("opendir", (path) => [path]),
  readdir: folder("readdir", (path) => [path]),
  "readdir of a tree": folder("readdir", (path) => [path], {
    options: { recursive: true, withFileTypes: true },
    text: true,
  }),
  readFile: file("readFile", (path) => [path]),
  readlink: nothing("readlink", (path) => [path]),
  realpath: file("realpath", (path) => [path]),
  "rename from": link("rename", (path) => [path, "renamed"]),
  "rename to": nothing("rename", (path) => [OTHER, path]),
  rm: link("rm", (path) => [path]),
  "rm of a tree": of("folder", false)("rm", (path) => [path], {
    options: { recursive: true },
  }),
  rmdir: of("folder", false)("rmdir", (path) => [path]),
  symlink: nothing("symlink", (path) => [OTHER, path, "file"]),
  truncate: file("truncate", (path) => [path, 1]),
  unlink: link("unlink", (path) => [path]),
};

/** Functions that take no path, or none that starts in a folder: why each is not above. */
export const otherFunctions: Record<string, string> = {
  glob: "its results are compared in beneath.test.ts: a pattern that leads out finds nothing",
  exists: "it reports no error: see operations.ts",
  lchmod: "Linux has none",
  watch: "it is Node's own, and takes no folder",
  watchFile: "it is one for each path of the process, and takes no folder",
  unwatchFile: "it is one for each path of the process, and takes no folder",
  openAsBlob: "it is Node's own, and takes no folder",
  createReadStream: "see operations.ts",
  createWriteStream: "see operations.ts",
  _toUnixTimestamp: "it takes no path",
  ...Object.fromEntries(
    `close fchmod fchown fdatasync fstat fsync ftruncate futimes read readv write writev`
      .split(" ")
      .map((name) => [name, "it takes a descriptor"]),
  ),
};
