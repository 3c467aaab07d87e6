// The rows of bench:wide: what work, of which size, with how many calls in flight, on which files, and how many times the
// rate of the newest Node and of Bun a release has to reach. Nothing is run here.

const KB = 1000;
const MB = 1000 * KB;
const MIB = 1 << 20;

/**
 * @typedef {object} Row
 * @property {string} work a key of `works`, and of the same name in workload.mjs and limit.c
 * @property {number} bytes of a call; 0 where it has no size
 * @property {number} depth calls in flight
 * @property {"disk" | "memory"} on files of the disk, in the page cache, or of a tmpfs
 * @property {number} files how many there are before it begins
 * @property {number} fileBytes how large each is
 * @property {{node?: number, bun?: number}} floor
 */

/** What a kind of work is called, and whether one run of it is one operation in a new process. */
export const works = {
  read: { title: "read into a Buffer" },
  readAlloc: { title: "read into eio.alloc()" },
  stat: { title: "stat" },
  open: { title: "open and close" },
  write: { title: "write" },
  readFile: { title: "readFile" },
  readFileUtf8: { title: "readFile as utf8" },
  readStream: { title: "read stream" },
  writeFile: { title: "writeFile over old files" },
  writeFileNew: { title: "writeFile of new files" },
  writeStream: { title: "write stream" },
  treeReaddir: { title: "tree: readdir, recursive", once: true },
  treeWalk: { title: "tree: walk with types, stat each", once: true },
  treeRead: { title: "tree: read every file", once: true },
  treeCopy: { title: "tree: cp, recursive", once: true },
  treeRemove: { title: "tree: rm, recursive", once: true },
};

/** Bun's writeFile writes over the old pages and cuts the file at its end; Node and this library truncate first. */
const notTheSameInBun = new Set(["writeFile"]);

/** Reads of small files have many to choose from; so have writes, for no two calls to meet in one file. */
const SMALL_FILES = 4000;
const FILES_BYTES_MAX = 256 * MIB;
const DATA_BYTES = 256 * MIB;

/** @type {Row[]} */
export const rows = [
  block("read", 4096, 1, "disk", { node: 6, bun: 6 }),
  block("read", 4096, 64, "disk", { node: 4, bun: 1.2 }),
  small("stat", 1, { node: 5, bun: 4 }),
  small("stat", 64, { node: 5, bun: 1.2 }),
  small("open", 1, { node: 4, bun: 4 }),
  block("write", 4096, 1, "memory", { node: 4, bun: 3 }),
  block("write", 4096, 64, "memory", { node: 4, bun: 1.2 }),
  small("readFile", 1, { node: 3, bun: 2 }),
  small("readFile", 64, { node: 2, bun: 1.5 }),
  sized("readFile", 512, 64),
  sized("readFile", 12 * KB, 8, { node: 1.5, bun: 1 }),
  sized("readFile", 100 * KB, 8, { node: 1.5, bun: 1 }),
  sized("readFile", 700 * KB, 8, { node: 1.5, bun: 1 }),
  sized("readFile", 5 * MB, 4, { node: 1.5, bun: 1 }),
  sized("readFile", 64 * MIB, 2),
  sized("readFileUtf8", 300 * KB, 8, { node: 1.5, bun: 1 }),
  block("read", MIB, 16, "disk", { node: 2.5, bun: 0.8 }),
  block("readAlloc", MIB, 16, "disk", { bun: 1 }),
  sized("readStream", 3 * MB, 8, { node: 1.3, bun: 1 }),
  sized("writeFile", 512, 16),
  sized("writeFile", 4096, 1, { node: 1.5 }),
  sized("writeFile", 4096, 16, { node: 1.4 }),
  sized("writeFile", 4096, 64, { node: 1.4 }),
  sized("writeFile", 100 * KB, 8, { node: 1.1 }),
  sized("writeFile", 3 * MB, 8, { node: 1 }),
  sized("writeFile", 64 * MIB, 2),
  sized("writeFileNew", 4096, 16, { node: 1.3, bun: 1 }),
  sized("writeFileNew", 100 * KB, 8, { node: 1.1, bun: 1 }),
  sized("writeFileNew", 3 * MB, 8, { node: 1, bun: 1 }),
  sized("writeStream", 700 * KB, 8, { node: 1, bun: 1 }),
  tree("treeReaddir", { node: 1, bun: 1 }),
  tree("treeWalk", { node: 2, bun: 1 }),
  tree("treeRead", { node: 1.5, bun: 1 }),
  tree("treeCopy", { node: 1.3, bun: 3 }),
  tree("treeRemove", { node: 1.5, bun: 1 }),
];

/** What --rows is matched with: readFile@12KB/8. */
export function rowName({ work, bytes, depth }) {
  const size = bytes === 0 ? "" : `@${sizeText(bytes).replace(" ", "")}`;
  return `${work}${size}/${depth}`;
}

/** What the tables call it. */
export function rowTitle({ work, bytes, depth }) {
  const { title, once } = works[work];
  const size = bytes === 0 ? "" : `, ${sizeText(bytes)}`;
  return once ? title : `${title}${size}, ${depth} in flight`;
}

/** Peers whose work is another one, so that their ratio decides nothing. */
export function incomparable({ work }) {
  return notTheSameInBun.has(work) ? ["bun"] : [];
}

function sizeText(bytes) {
  const units = [
    [MIB, "MiB"],
    [MB, "MB"],
    [1024, "KiB"],
    [KB, "KB"],
  ];
  for (const [scale, unit] of units)
    if (bytes % scale === 0) return `${bytes / scale} ${unit}`;
  return `${bytes} B`;
}

/** Blocks of one large file, at random. */
function block(work, bytes, depth, on, floor) {
  const fileBytes = work === "write" ? 16 * MIB : DATA_BYTES;
  return { work, bytes, depth, on, files: 1, fileBytes, floor };
}

/** Files of 4 KiB. */
function small(work, depth, floor) {
  const bytes = work === "readFile" ? 4096 : 0;
  const [files, fileBytes] = [SMALL_FILES, 4096];
  return { work, bytes, depth, on: "disk", files, fileBytes, floor };
}

/** Whole files. */
function sized(work, bytes, depth, floor = {}) {
  const wanted = work.startsWith("write") ? 256 : bytes < KB ? SMALL_FILES : 16;
  const fitting = Math.max(4, Math.floor(FILES_BYTES_MAX / bytes));
  const files = work === "writeFileNew" ? 0 : Math.min(wanted, fitting);
  return { work, bytes, depth, on: "memory", files, fileBytes: bytes, floor };
}

function tree(work, floor) {
  const none = { bytes: 0, files: 0, fileBytes: 0 };
  return { work, ...none, depth: 1, on: "memory", floor };
}
