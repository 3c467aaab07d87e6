// A folder kept equal to another: what is there is copied, then each change is made there, too, renames as renames. It knows files,
// folders and links, and what watchTree() reports of them; other kinds are left out.
//
// Usage: node examples/mirror/mirror.mjs FROM TO [--once]
import path from "node:path";
import { parseArgs } from "node:util";
import { createEio } from "node-eio";

/** What a copy is made as, beside the file that it will replace. */
const TEMPORARY = ".mirror-temporary";
const ASIDE = ".mirror-aside";
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EINVAL"]);

function ignoreAbsent(error) {
  if (!ABSENT.has(error.code)) throw error;
}

export class Mirror {
  #eio;
  #from;
  #to;
  /** Files that were gone, or not what their event said, when they were to be copied: what became of them is in a later batch. */
  #unsure = new Set();
  copied = 0;
  renamed = 0;

  constructor(eio, from, to) {
    this.#eio = eio;
    this.#from = path.resolve(from);
    this.#to = path.resolve(to);
  }

  /** The first batch is all that is there; what the mirror has beyond it goes. */
  async start(batch) {
    await this.#eio.promises.mkdir(this.#to, { recursive: true });
    await this.#removeOthers(batch);
    await this.apply(batch);
  }

  async apply(batch) {
    const before = this.#unsure;
    this.#unsure = new Set();
    for (const event of batch) {
      await this.#make[event.type](event);
      for (const names of [before, this.#unsure]) follow(names, event);
    }
    // Those of this batch as well, since renames may have followed; they stay unsure for one more.
    for (const name of [...before, ...this.#unsure]) {
      const now = await this.#statsOf(path.join(this.#from, name));
      if (now === null) this.#unsure.add(name);
      else await this.#put({ path: name, kind: kindOf(now), ...sizeOf(now) });
    }
  }

  #make = {
    create: (event) => this.#put(event),
    modify: (event) => this.#put(event),
    remove: ({ path }) =>
      this.#eio.promises.rm(this.#at(path), { recursive: true, force: true }),
    rename: async ({ from, to }) => {
      this.renamed++;
      await this.#move(from, to);
    },
    exchange: async ({ from, to }) => {
      await this.#move(from, ASIDE);
      await this.#move(to, from);
      await this.#move(ASIDE, to);
    },
    overflow: () => {},
    unreadable: ({ path, error }) =>
      void console.error(`left out: ${path}: ${error.message}`),
  };

  #at(name) {
    return path.join(this.#to, name);
  }

  /** What was not copied in time is not there either. */
  async #move(from, to) {
    await this.#eio.promises
      .rename(this.#at(from), this.#at(to))
      .catch(ignoreAbsent);
  }

  async #put({ path: name, kind, size, mtimeMs }) {
    const { promises } = this.#eio;
    try {
      if (kind === "directory")
        await promises.mkdir(this.#at(name), { recursive: true });
      if (kind === "symlink") await this.#link(name);
      if (kind === "file") await this.#copy(name, size, mtimeMs);
    } catch (error) {
      await promises.rm(this.#at(TEMPORARY), { force: true });
      ignoreAbsent(error);
      this.#unsure.add(name);
    }
  }

  async #copy(name, size, mtimeMs) {
    const { promises } = this.#eio;
    const source = path.join(this.#from, name);
    const there = await this.#statsOf(this.#at(name));
    if (there?.size === size && isSameTime(there.mtimeMs, mtimeMs)) return;
    const temporary = this.#at(TEMPORARY);
    await promises.copyFile(source, temporary);
    const now = await promises.stat(source);
    const copy = await promises.stat(temporary);
    await promises.utimes(temporary, now.atime, now.mtimeMs / 1000);
    await promises.rename(temporary, this.#at(name));
    this.copied++;
    if (copy.size !== size || !isSameTime(now.mtimeMs, mtimeMs))
      this.#unsure.add(name);
  }

  async #link(name) {
    const { promises } = this.#eio;
    const target = await promises.readlink(path.join(this.#from, name));
    await promises.rm(this.#at(name), { force: true });
    await promises.symlink(target, this.#at(name));
  }

  #statsOf(file) {
    return this.#eio.promises.lstat(file).catch(() => null);
  }

  async #removeOthers(batch) {
    const { promises } = this.#eio;
    const kinds = new Map(batch.map(({ path, kind }) => [path, kind]));
    const names = await promises.readdir(this.#to, { recursive: true });
    for (const name of names) {
      const there = await this.#statsOf(this.#at(name));
      const kind = kinds.get(name.split(path.sep).join("/"));
      const isFolder = there?.isDirectory() ?? false;
      if (kind === undefined || (kind === "directory") !== isFolder)
        await promises.rm(this.#at(name), { recursive: true, force: true });
    }
  }
}

/** Names go where their files go. */
function follow(names, { type, path: gone, from, to }) {
  if (type !== "rename" && type !== "exchange" && type !== "remove") return;
  for (const name of [...names]) {
    const moved = (a, b) =>
      name === a || name.startsWith(`${a}/`) ? b + name.slice(a.length) : null;
    if (
      type === "remove" ? name !== gone : !moved(from, to) && !moved(to, from)
    )
      continue;
    names.delete(name);
    if (type === "remove") continue;
    names.add(moved(from, to) ?? moved(to, from));
  }
}

const kindOf = (stats) =>
  stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "symlink";
const sizeOf = ({ size, mtimeMs }) => ({ size, mtimeMs });

/** Times that are set have microseconds. */
const isSameTime = (a, b) => Math.abs(a - b) < 0.01;

/** Until the signal aborts, or the folder is gone; with `once` until what is there is copied. */
export async function mirror(from, to, { once = false, signal, onBatch } = {}) {
  const eio = createEio();
  const copy = new Mirror(eio, from, to);
  let first = true;
  try {
    for await (const batch of eio.watchTree(from, { initial: true, signal })) {
      if (first) await copy.start(batch);
      else await copy.apply(batch);
      onBatch?.(copy);
      if (once) break;
      first = false;
    }
  } finally {
    await eio.close();
  }
  return copy;
}

if (process.argv[1] === import.meta.filename) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { once: { type: "boolean" } },
  });
  const [from, to] = positionals;
  if (to === undefined) throw new Error("usage: mirror.mjs FROM TO [--once]");
  const onBatch = ({ copied, renamed }) =>
    console.log(`${copied} copied, ${renamed} renamed`);
  await mirror(from, to, { ...values, onBatch });
}
