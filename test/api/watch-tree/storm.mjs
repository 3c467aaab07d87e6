// Random changes to a tree, seeded: files and folders are created, written, renamed, removed and swapped. As a program it makes
// so many in a folder: node storm.mjs FOLDER COUNT SEED. It does not know who watches.
import fs from "node:fs";
import path from "node:path";

const FOLDERS_MAX = 60;
const FILES_MAX = 400;

/** mulberry32 */
const seeded = (seed) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

export class Storm {
  #random;
  #next = 0;
  #root;
  #folders;
  #files = [];
  /** How often each change was made. */
  counts = {};

  /** @param {((a: string, b: string) => Promise<void>) | null} exchange swaps two names in one step, where the system can */
  constructor(folder, seed, exchange = null) {
    this.#random = seeded(seed);
    this.#root = { name: folder, parent: null, below: new Set() };
    this.#folders = [this.#root];
    this.exchange = exchange;
  }

  async step() {
    const kinds = Object.entries(changes).filter(
      ([, { needs }]) => needs?.(this) ?? true,
    );
    const total = kinds.reduce((sum, [, { weight }]) => sum + weight, 0);
    let at = this.#random() * total;
    for (const [name, { weight, make }] of kinds)
      if ((at -= weight) < 0) {
        await make(this);
        this.counts[name] = (this.counts[name] ?? 0) + 1;
        return;
      }
  }

  get fileCount() {
    return this.#files.length;
  }
  get folderCount() {
    return this.#folders.length;
  }

  pick(list) {
    return list[Math.floor(this.#random() * list.length)];
  }
  file = () => this.pick(this.#files);
  folder = () => this.pick(this.#folders);
  /** Not the root. */
  lower = () =>
    this.#folders[1 + Math.floor(this.#random() * (this.folderCount - 1))];
  bytes = () => Buffer.alloc(Math.floor(this.#random() * 300), 120);
  /** Some names come back. */
  name = () =>
    this.#random() < 0.3
      ? `again-${Math.floor(this.#random() * 20)}`
      : `n${this.#next++}`;

  pathOf = (node) =>
    node.parent === null
      ? node.name
      : path.join(this.pathOf(node.parent), node.name);
  childOf = (folder, name) =>
    [...folder.below].find((node) => node.name === name);
  isWithin = (node, above) => {
    for (let at = node; at !== null; at = at.parent)
      if (at === above) return true;
    return false;
  };

  add(parent, name, below) {
    const node = { name, parent, below };
    parent.below.add(node);
    (below === null ? this.#files : this.#folders).push(node);
    return node;
  }
  drop(node) {
    node.parent.below.delete(node);
    const forget = (one) => {
      const list = one.below === null ? this.#files : this.#folders;
      list.splice(list.indexOf(one), 1);
      one.below?.forEach(forget);
    };
    forget(node);
  }
  move(node, parent, name) {
    node.parent.below.delete(node);
    node.parent = parent;
    node.name = name;
    parent.below.add(node);
  }
}

const changes = {
  create: {
    weight: 25,
    needs: (s) => s.fileCount < FILES_MAX,
    make(s) {
      const folder = s.folder();
      const name = s.name();
      if (s.childOf(folder, name) !== undefined) return;
      fs.writeFileSync(path.join(s.pathOf(folder), name), s.bytes());
      s.add(folder, name, null);
    },
  },
  write: {
    weight: 20,
    needs: (s) => s.fileCount > 0,
    make: (s) => fs.appendFileSync(s.pathOf(s.file()), s.bytes()),
  },
  rename: {
    weight: 20,
    needs: (s) => s.fileCount > 0,
    make(s) {
      const file = s.file();
      const folder = s.folder();
      const name = s.name();
      const there = s.childOf(folder, name);
      if (there === file || (there && there.below !== null)) return;
      fs.renameSync(s.pathOf(file), path.join(s.pathOf(folder), name));
      if (there) s.drop(there);
      s.move(file, folder, name);
    },
  },
  remove: {
    weight: 15,
    needs: (s) => s.fileCount > 0,
    make(s) {
      const file = s.file();
      fs.unlinkSync(s.pathOf(file));
      s.drop(file);
    },
  },
  mkdir: {
    weight: 8,
    needs: (s) => s.folderCount < FOLDERS_MAX,
    make(s) {
      const folder = s.folder();
      const name = s.name();
      if (s.childOf(folder, name) !== undefined) return;
      fs.mkdirSync(path.join(s.pathOf(folder), name));
      s.add(folder, name, new Set());
    },
  },
  moveFolder: {
    weight: 8,
    needs: (s) => s.folderCount > 2,
    make(s) {
      const moved = s.lower();
      const folder = s.folder();
      const name = s.name();
      if (s.isWithin(folder, moved) || s.childOf(folder, name) !== undefined)
        return;
      fs.renameSync(s.pathOf(moved), path.join(s.pathOf(folder), name));
      s.move(moved, folder, name);
    },
  },
  removeFolder: {
    weight: 3,
    needs: (s) => s.folderCount > FOLDERS_MAX / 2,
    make(s) {
      const folder = s.lower();
      fs.rmSync(s.pathOf(folder), { recursive: true });
      s.drop(folder);
    },
  },
  swap: {
    weight: 5,
    needs: (s) => s.folderCount > 3,
    make(s) {
      const [a, b] = [s.lower(), s.lower()];
      if (s.isWithin(a, b) || s.isWithin(b, a)) return;
      const places = [a, b].map(({ name, parent }) => ({ name, parent }));
      const [pathA, pathB] = [s.pathOf(a), s.pathOf(b)];
      const aside = `${pathA}.aside`;
      fs.renameSync(pathA, aside);
      fs.renameSync(pathB, pathA);
      fs.renameSync(aside, pathB);
      s.move(a, places[1].parent, places[1].name);
      s.move(b, places[0].parent, places[0].name);
    },
  },
  exchange: {
    weight: 4,
    needs: (s) => s.exchange !== null && s.folderCount > 3,
    async make(s) {
      const [a, b] = [s.lower(), s.lower()];
      if (s.isWithin(a, b) || s.isWithin(b, a)) return;
      const places = [a, b].map(({ name, parent }) => ({ name, parent }));
      await s.exchange(s.pathOf(a), s.pathOf(b));
      s.move(a, places[1].parent, places[1].name);
      s.move(b, places[0].parent, places[0].name);
    },
  },
};

if (process.argv[1] === import.meta.filename) {
  const [folder, count, seed] = process.argv.slice(2);
  const storm = new Storm(folder, Number(seed));
  for (let i = 0; i < Number(count); i++) await storm.step();
  console.log(JSON.stringify(storm.counts));
}
