// The job of IO::AIO's treescan, through node-eio/eio: lists a tree without a stat where folders tell types, or looks at
// every entry, and counts them by type and size. Each folder is one request, its stats included, done in C, 16 of them at a
// time; memory is that of the folders yet to be read.
//
//   node examples/treescan.mjs [-q] [-s] [-d | -f] [-0] [-c] PATH...
//     -q no names   -s lstat of every entry   -d folders only   -f files only   -0 NUL behind each name
//     -c counts: by type, and by size (an lstat of every entry)
//
// Run: node examples/treescan.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import {
  EIO_DT_DIR,
  EIO_DT_LNK,
  EIO_DT_REG,
  EIO_DT_UNKNOWN,
  EIO_READDIR_DENTS,
  EIO_READDIR_DIRS_FIRST,
  EIO_READDIR_STAT_ORDER,
  eio_readdirplus,
  eio_readdirx,
} from "node-eio/eio";

const FOLDERS_AT_ONCE = 16;
/** Text is written in pieces of so many characters. */
const TEXT_MAX = 256 * 1024;
const ORDER =
  EIO_READDIR_DENTS | EIO_READDIR_DIRS_FIRST | EIO_READDIR_STAT_ORDER;
/** More than there are of types. */
const TYPES = 16;

const isUnknown = ({ type }) => type === EIO_DT_UNKNOWN;

const flag = (short) => ({ type: "boolean", short, default: false });
const { values: options, positionals: roots } = parseArgs({
  allowPositionals: true,
  options: {
    quiet: flag("q"),
    stat: flag("s"),
    dirs: flag("d"),
    files: flag("f"),
    print0: flag("0"),
    count: flag("c"),
  },
});

class Scan {
  bytes = 0;
  failed = 0;
  /** How many there are of each type. */
  types = new Array(TYPES).fill(0);
  /** How many files are of less than 1, 4, 16, 64 ... KiB. */
  sizes = [];
  #text = [];
  #textLength = 0;
  #folders = [];
  #reading = 0;
  #options;
  #end;

  constructor(options) {
    this.#options = options;
  }

  run(roots) {
    return new Promise((resolve) => {
      this.#end = resolve;
      for (const root of [...roots].reverse())
        this.#found("", [{ name: root, type: EIO_DT_DIR }]);
      this.#readMore();
    });
  }

  #readMore() {
    while (this.#reading < FOLDERS_AT_ONCE && this.#folders.length > 0) {
      const folder = this.#folders.pop();
      this.#reading++;
      this.#read(folder);
    }
    if (this.#reading > 0) return;
    this.#write();
    this.#end(this);
  }

  /** With stats where they are wanted, or where the folder tells no types: then it is read again. */
  #read(folder, { stat, count } = this.#options) {
    const looks = stat || count;
    const list = looks ? eio_readdirplus : eio_readdirx;
    list(folder, ORDER, ({ result, dents }) => {
      if (result < 0) this.failed++;
      else if (!looks && dents.some(isUnknown))
        return this.#read(folder, { stat: true });
      else this.#found(folder.endsWith("/") ? folder : `${folder}/`, dents);
      if (count) for (const entry of dents ?? []) this.#looked(entry);
      this.#done();
    });
  }

  #done() {
    this.#reading--;
    this.#readMore();
  }

  #looked({ type, stats }) {
    if (stats === undefined) this.failed++;
    else if (type === EIO_DT_REG) {
      this.bytes += stats.size;
      const kib = stats.size / 1024;
      const size = kib < 1 ? 0 : Math.floor(Math.log2(kib) / 2) + 1;
      this.sizes[size] = (this.sizes[size] ?? 0) + 1;
    }
  }

  /** All of a folder at once: one text of many names costs less than a text for each. */
  #found(prefix, entries) {
    const { quiet, dirs, files, print0 } = this.#options;
    const names = [];
    for (const { name, type } of entries) {
      this.types[type]++;
      if (type === EIO_DT_DIR) {
        this.#folders.push(prefix + name);
        if (!quiet && !files)
          names.push(name.endsWith("/") ? name : `${name}/`);
      } else if (!quiet && !dirs) names.push(name);
    }
    if (names.length === 0) return;
    const end = print0 ? "\0" : "\n";
    const text = prefix + names.join(end + prefix) + end;
    this.#text.push(text);
    this.#textLength += text.length;
    if (this.#textLength >= TEXT_MAX) this.#write();
  }

  #write() {
    if (this.#textLength > 0) process.stdout.write(this.#text.join(""));
    this.#text = [];
    this.#textLength = 0;
  }
}

function report({ types, bytes, failed, sizes }) {
  const [folder, file, link] = [EIO_DT_DIR, EIO_DT_REG, EIO_DT_LNK].map(
    (type) => types[type],
  );
  const all = types.reduce((sum, count) => sum + count);
  const other = all - folder - file - link;
  const lines = [
    `${folder} folders, ${all - folder} files, ${bytes} bytes`,
    `  of the files: ${file} regular, ${link} links, ${other} others; ${failed} could not be looked at`,
  ];
  sizes.forEach((count, i) =>
    lines.push(`  ${count} of less than ${4 ** i} KiB`),
  );
  return lines.join("\n");
}

if (roots.length > 0) {
  const quiet = options.quiet || options.count;
  const scan = await new Scan({ ...options, quiet }).run(roots);
  if (options.count) console.log(report(scan));
} else {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-treescan-"));
  fs.mkdirSync(path.join(root, "a/b"), { recursive: true });
  for (let i = 0; i < 300; i++)
    fs.writeFileSync(path.join(root, "a/b", `${i}`), Buffer.alloc(i * 10));
  fs.symlinkSync("a", path.join(root, "link"));
  const scan = await new Scan({ quiet: true, count: true }).run([root]);
  fs.rmSync(root, { recursive: true });
  assert.equal(
    report(scan),
    `3 folders, 301 files, 448500 bytes
  of the files: 300 regular, 1 links, 0 others; 0 could not be looked at
  103 of less than 1 KiB
  197 of less than 4 KiB`,
  );
  console.log("ok: 3 folders, 300 files and a link, by type and by size");
}
