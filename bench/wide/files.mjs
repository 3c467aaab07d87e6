// The files that the rows work on: made before a row, gone when the program ends. Who works on them is not known here.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const TREE_FOLDERS = 1500;
const TREE_TOPS = 30;
const TREE_FILE_BYTES = [200, 900, 1500, 4000, 7000, 12000, 20000, 50000];
const CHUNK_BYTES = 1 << 20;
const SHARED_MEMORY = "/dev/shm";

/** By the numbers that statfs(2) has for them. */
const fileSystems = {
  0x01021994: "tmpfs",
  0xef53: "ext4",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
  0x794c7630: "overlayfs",
};

/** @param {string | undefined} disk a folder on the disk; the system's one for temporary files by default */
export function makeFolders(disk = os.tmpdir()) {
  const memory = fs.existsSync(SHARED_MEMORY) ? SHARED_MEMORY : os.tmpdir();
  const make = (parent) =>
    fs.mkdtempSync(path.join(parent, "node-eio-bench-wide-"));
  const folders = { disk: make(disk), memory: make(memory) };
  process.on("exit", () => {
    for (const folder of Object.values(folders))
      fs.rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"])
    process.on(signal, () => process.exit(1));
  return folders;
}

export function fileSystemOf(folder) {
  const { type } = fs.statfsSync(folder);
  return fileSystems[type] ?? `file system 0x${type.toString(16)}`;
}

/** Makes a row's files, named 0, 1, 2 ..., where they are not there yet. @returns {string} their folder */
export function prepareFiles(folders, { work, on, files, fileBytes }) {
  if (work.startsWith("tree")) return prepareTree(folders[on], work);
  const use = work.startsWith("write") ? work : "read";
  const folder = path.join(folders[on], `${use}-${files}-${fileBytes}`);
  if (fs.existsSync(folder)) return folder;
  fs.mkdirSync(folder);
  for (let i = 0; i < files; i++)
    fill(path.join(folder, `${i}`), fileBytes, 97 + (i % 26));
  return folder;
}

/** ASCII, so that text is text. */
function fill(file, bytes, value) {
  const chunk = Buffer.alloc(Math.min(bytes, CHUNK_BYTES), value);
  const fd = fs.openSync(file, "w");
  for (let left = bytes; left > 0; left -= chunk.length)
    fs.writeSync(fd, chunk, 0, Math.min(left, chunk.length));
  fs.closeSync(fd);
}

/** The tree is FOLDER/tree; what is copied to, or removed, is FOLDER/copy. */
function prepareTree(parent, work) {
  const folder = path.join(parent, "trees");
  const tree = path.join(folder, "tree");
  const copy = path.join(folder, "copy");
  if (!fs.existsSync(tree)) makeTree(tree);
  if (work === "treeCopy") fs.rmSync(copy, { recursive: true, force: true });
  if (work === "treeRemove" && !fs.existsSync(copy))
    fs.cpSync(tree, copy, { recursive: true });
  return folder;
}

function makeTree(tree) {
  for (let i = 0; i < TREE_FOLDERS; i++) {
    const folder = path.join(tree, `a${i % TREE_TOPS}`, `b${i}`);
    fs.mkdirSync(folder, { recursive: true });
    TREE_FILE_BYTES.forEach((bytes, j) =>
      fs.writeFileSync(path.join(folder, `file-${j}.js`), Buffer.alloc(bytes)),
    );
  }
}
