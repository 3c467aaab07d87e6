// Random operations, each on two folders of one file system: on one by node:fs, on the other by node-eio. Values, errors and, at the
// end, the trees have to be the same. It knows no file system: what one cannot do, it cannot do for both.
import fs from "node:fs/promises";
import path from "node:path";

const NAMES = ["a", "b", "c", "d/a", "d/b", "e/f/a", "e", "d"];
const SIZES = [0, 1, 100, 4096, 70_000, 1_200_000];

/** Each: what is done, by functions that have the names of node:fs, in a folder. */
const operations = {
  writeFile: (fs, at, pick) => fs.writeFile(at(pick.name()), pick.data()),
  appendFile: (fs, at, pick) => fs.appendFile(at(pick.name()), pick.data()),
  writeNew: (fs, at, pick) =>
    fs.writeFile(at(pick.name()), pick.data(), { flag: "wx" }),
  readFile: (fs, at, pick) => fs.readFile(at(pick.name())),
  readText: (fs, at, pick) => fs.readFile(at(pick.name()), "latin1"),
  mkdir: (fs, at, pick) => fs.mkdir(at(pick.name())),
  mkdirp: (fs, at, pick) => fs.mkdir(at(pick.name()), { recursive: true }),
  rmdir: (fs, at, pick) => fs.rmdir(at(pick.name())),
  rm: (fs, at, pick) => fs.rm(at(pick.name()), { recursive: true }),
  unlink: (fs, at, pick) => fs.unlink(at(pick.name())),
  rename: (fs, at, pick) => fs.rename(at(pick.name()), at(pick.name())),
  copyFile: (fs, at, pick) => fs.copyFile(at(pick.name()), at(pick.name())),
  // Node looks at both paths at the same time: which of two errors comes first is chance.
  cp: (fs, at, pick) =>
    fs
      .cp(at(pick.name()), at(pick.name()), { recursive: true })
      .catch(() => "fails"),
  link: (fs, at, pick) => fs.link(at(pick.name()), at(pick.name())),
  symlink: (fs, at, pick) => fs.symlink(pick.name(), at(pick.name())),
  readlink: (fs, at, pick) => fs.readlink(at(pick.name())),
  realpath: (fs, at, pick) => fs.realpath(at(pick.name())),
  truncate: (fs, at, pick) => fs.truncate(at(pick.name()), pick.size()),
  chmod: (fs, at, pick) => fs.chmod(at(pick.name()), 0o640),
  utimes: (fs, at, pick) => fs.utimes(at(pick.name()), 1e9, 1e9),
  access: (fs, at, pick) => fs.access(at(pick.name())),
  stat: async (fs, at, pick) => statOf(await fs.stat(at(pick.name()))),
  lstat: async (fs, at, pick) => statOf(await fs.lstat(at(pick.name()))),
  readdir: async (fs, at, pick) => (await fs.readdir(at(pick.name()))).sort(),
  tree: async (fs, at) =>
    (await fs.readdir(at("."), { recursive: true })).sort(),
  handle: async (fs, at, pick) => {
    const handle = await fs.open(at(pick.name()), "r+");
    try {
      const position = pick.size() % 5000;
      await handle.write(Buffer.from("in the middle"), 0, 13, position);
      await handle.sync();
      const { bytesRead, buffer } = await handle.read(
        Buffer.alloc(200),
        0,
        200,
        0,
      );
      await handle.truncate(position + 5);
      return [bytesRead, buffer, statOf(await handle.stat())];
    } finally {
      await handle.close();
    }
  },
};
const names = Object.keys(operations);

/** What two folders have in common. */
function statOf(stats) {
  const isFolder = stats.isDirectory();
  return [stats.mode, isFolder || stats.size, isFolder || stats.nlink];
}

/** The same choices for both. */
function picks(random) {
  const one = (list) => list[Math.floor(random() * list.length)];
  return {
    name: () => one(NAMES),
    size: () => one(SIZES),
    data: () => Buffer.alloc(one(SIZES), Math.floor(random() * 256)),
  };
}

async function outcomeOf(operation, fs, folder, random) {
  const pick = picks(random);
  const shown = (text) => text?.replaceAll(folder, "<folder>");
  try {
    const value = await operation(fs, (name) => path.join(folder, name), pick);
    return JSON.stringify([value], (_key, one) =>
      typeof one === "string" ? shown(one) : one,
    );
  } catch ({ code, errno, syscall, message, path, dest }) {
    const texts = [message, path, dest].map(shown);
    return JSON.stringify({ error: [code, errno, syscall, ...texts] });
  }
}

/**
 * `randomOf(seed)` returns a function as Math.random, which is the same for the same seed. Returns how many operations there
 * were, how many failed (alike), and those that differed.
 */
export async function differential(options) {
  const { promises, within, count, randomOf, seed = 1 } = options;
  const folders = ["node", "ours"].map((name) => path.join(within, name));
  for (const folder of folders) await fs.mkdir(folder, { recursive: true });
  const random = randomOf(seed);
  const different = [];
  let failed = 0;
  for (let i = 0; i < count; i++) {
    const name = names[Math.floor(random() * names.length)];
    const choice = Math.floor(random() * 2 ** 31);
    const outcome = (fs, at) =>
      outcomeOf(operations[name], fs, at, randomOf(choice));
    const theirs = await outcome(fs, folders[0]);
    const own = await outcome(promises, folders[1]);
    if (theirs.startsWith('{"error"')) failed++;
    if (theirs !== own) different.push({ i, name, theirs, own });
  }
  const trees = await Promise.all(folders.map((folder) => treeOf(folder)));
  if (trees[0] !== trees[1])
    different.push({
      i: count,
      name: "the trees",
      theirs: trees[0],
      own: trees[1],
    });
  for (const folder of folders) await fs.rm(folder, { recursive: true });
  return { operations: count, failed, different };
}

async function treeOf(folder) {
  const lines = [];
  for (const name of (await fs.readdir(folder, { recursive: true })).sort()) {
    const at = path.join(folder, name);
    const stats = await fs.lstat(at);
    const content = stats.isFile()
      ? (await fs.readFile(at)).toString("base64").slice(0, 200)
      : stats.isSymbolicLink()
        ? (await fs.readlink(at)).replace(folder, "<folder>")
        : "";
    lines.push([name, ...statOf(stats), content].join(" "));
  }
  return lines.join("\n");
}
