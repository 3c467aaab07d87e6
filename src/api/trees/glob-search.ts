// The search of fs.glob: places are looked at one after the other, deepest first, and what matches
// is given out as it is found. Folders of the places that come next are listed ahead.
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { AnyDirent } from "../directories/dirent.ts";
import type { GlobFiles } from "./glob-files.ts";
import type { GlobOptions, Pattern } from "./glob-options.ts";
import { GLOBSTAR, Visit } from "./glob-visit.ts";

export type Found = string | AnyDirent;

/** Places whose folders are listed before their turn. */
const AHEAD = 4;
/** Up to Node 25, what follows a ** is looked for behind a link too. */
const LINKS_LEAD = Number.parseInt(process.versions.node, 10) < 26;
const WINDOWS = process.platform === "win32";

export class GlobSearch {
  readonly #options: GlobOptions;
  readonly #files: GlobFiles;
  readonly #root: string;
  readonly #queue: Visit[][] = [];
  /** By path: where the search goes on from the place that it is at. */
  readonly #next = new Map<string, Visit[]>();
  readonly #given = new Set<string>();
  /** By path: the rests of patterns that were followed from there. */
  readonly #seen = new Map<string, Set<string>>();
  #found: Found[] = [];

  constructor(options: GlobOptions, files: GlobFiles) {
    this.#options = options;
    this.#files = files;
    this.#root = resolve(files.root, options.root);
  }

  async *run(): AsyncGenerator<Found, void> {
    const { patterns } = this.#options;
    const start = (pattern: Pattern): Visit =>
      new Visit(".", pattern, new Set([0]));
    this.#queue.push(patterns.map(start));
    for (
      let visits = this.#queue.pop();
      visits !== undefined;
      visits = this.#queue.pop()
    ) {
      for (const visit of visits) {
        await this.#look(visit);
        yield* this.#found;
        this.#found = [];
      }
      for (const next of this.#next.values()) this.#queue.push(next);
      this.#next.clear();
      this.#listAhead();
    }
  }

  #listAhead(): void {
    for (const visits of this.#queue.slice(-AHEAD)) {
      const [visit] = visits;
      if (visit === undefined || visit.onlyName !== null) continue;
      // The error is thrown to whoever comes for it.
      this.#files.entries(this.#full(visit.path)).catch(() => {});
    }
  }

  #full(path: string): string {
    return resolve(this.#root, path);
  }

  async #look(visit: Visit): Promise<void> {
    const { path, last } = visit;
    if (this.#isKnown(visit)) return;
    const full = this.#full(path);
    const entry = await this.#files.entry(full);
    const folder = await this.#isFolder(full, entry, visit.followsLinks);
    if (this.#options.excluded(full)) return;
    const start = this.#startOf(visit);
    if (start !== null) return this.#goOn(start, 1, visit);
    const end = visit.part(-1);
    if (visit.ends(folder)) {
      if (typeof end === "string") {
        await this.#giveNamed(path, full, end, folder);
        if (visit.at.size === 1 && visit.at.has(last)) return;
      } else if (
        end === GLOBSTAR &&
        (path !== "." || visit.part(0) === "." || (last === 0 && entry))
      )
        this.#give(path, entry);
    }
    if (!folder || !this.#goesBelow(full, visit)) return;
    const above = await this.#above(full, visit);
    if (above === null) return;
    for (const child of await this.#children(full, visit))
      await this.#match(child, full, visit, above, folder);
  }

  #depth(full: string): number {
    const path = relative(this.#root, full);
    if (path === "") return 0;
    return isAbsolute(path) ? Infinity : path.split(sep).length;
  }

  #goesBelow(full: string, visit: Visit): boolean {
    const { maxDepth } = this.#options;
    if (maxDepth === Infinity || this.#depth(full) < maxDepth) return true;
    // An absolute pattern has to come to the root first.
    const onTheWay = this.#root.startsWith(full === "/" ? full : full + sep);
    return visit.part(0) === "" && onTheWay && full !== this.#root;
  }

  /** Whether one of the rests was followed from here already; from now on, all were. */
  #isKnown(visit: Visit): boolean {
    let seen = this.#seen.get(visit.path);
    if (seen === undefined) this.#seen.set(visit.path, (seen = new Set()));
    const before = seen.size;
    for (const index of visit.at) seen.add(visit.rest(index));
    return seen.size !== before + visit.at.size;
  }

  async #isFolder(
    full: string,
    entry: AnyDirent | null,
    followsLinks: boolean,
  ): Promise<boolean> {
    if (entry === null) return false;
    if (entry.isDirectory()) return true;
    if (!entry.isSymbolicLink()) return false;
    return this.#options.followSymlinks
      ? this.#files.leadsToFolder(full)
      : followsLinks;
  }

  /** Where a pattern that begins with a root, "." or ".." begins. */
  #startOf(visit: Visit): string | null {
    if (!visit.at.has(0)) return null;
    const first = visit.part(0);
    if (WINDOWS && typeof first === "string" && first.endsWith(":"))
      return `${first}\\`;
    if (first === "") return "/";
    if (first === "..") return "../";
    return first === "." ? "." : null;
  }

  /** A name at the end need not be found in a list: it is there, or not. */
  async #giveNamed(
    path: string,
    full: string,
    name: string,
    folder: boolean,
  ): Promise<void> {
    const entry = await this.#files.entry(join(full, name));
    if (entry !== null && (name !== "" || folder))
      this.#give(join(path, name), entry);
  }

  #give(path: string, entry: AnyDirent | null): void {
    if (this.#given.has(path)) return;
    const full = this.#full(path);
    if (this.#options.excluded(full)) return;
    if (this.#depth(full) > this.#options.maxDepth) return;
    this.#given.add(path);
    this.#found.push(this.#options.withFileTypes ? entry! : path);
  }

  /** null: this folder lies in itself. */
  async #above(
    full: string,
    visit: Visit,
  ): Promise<ReadonlySet<string> | null> {
    if (!this.#options.followSymlinks) return visit.above;
    const real = await this.#files.realpath(full);
    if (real === null) return visit.above;
    if (visit.above.has(real)) return null;
    return new Set([...visit.above, real]);
  }

  async #children(full: string, visit: Visit): Promise<AnyDirent[]> {
    const name = visit.onlyName;
    if (name === null) return this.#files.entries(full);
    const entry = await this.#files.entry(join(full, name));
    if (entry === null) return [];
    entry.name = name;
    return [entry];
  }

  async #match(
    entry: AnyDirent,
    fullFolder: string,
    visit: Visit,
    above: ReadonlySet<string>,
    folder: boolean,
  ): Promise<void> {
    const { name } = entry;
    const { followSymlinks } = this.#options;
    const path = join(visit.path, name);
    const full = join(fullFolder, name);
    this.#files.know(full, entry);
    const below =
      entry.isDirectory() ||
      (followSymlinks &&
        entry.isSymbolicLink() &&
        (await this.#files.leadsToFolder(full)));
    const next = new Set<number>();
    const linked = new Set<number>();
    for (const index of visit.at) {
      const part = visit.part(index);
      if (part === GLOBSTAR) {
        if (visit.hides(index, name) || this.#isUnwanted(entry)) continue;
        if (!followSymlinks && entry.isSymbolicLink()) linked.add(index);
        this.#matchAny(entry, path, below, index, visit, next, folder);
        if (visit.part(index + 1) === ".." && below)
          await this.#goUp(index + 1, visit, fullFolder);
      } else if (typeof part === "string") {
        if (part === name && index !== visit.last) next.add(index + 1);
        else if (part === "." && visit.matches(index + 1, name)) {
          if (index + 1 === visit.last) this.#give(path, entry);
          else next.add(index + 2);
        }
      } else if (visit.matches(index, name)) {
        if (index === visit.last) this.#give(path, entry);
        else if (below) next.add(index + 1);
      }
    }
    if (next.size > 0)
      await this.#add(new Visit(path, visit.pattern, next, linked, above));
  }

  /** A ** stands for this name and more, for this name alone, or for nothing. */
  #matchAny(
    entry: AnyDirent,
    path: string,
    below: boolean,
    index: number,
    visit: Visit,
    next: Set<number>,
    folder: boolean,
  ): void {
    const { last } = visit;
    const throughLink =
      !this.#options.followSymlinks && visit.linked.has(index);
    if (!throughLink) {
      if (below) next.add(index);
      else if (index === last) this.#give(path, entry);
    }
    const matches = visit.matches(index + 1, entry.name);
    if (matches && index + 1 === last && !visit.ends(folder))
      this.#give(path, entry);
    else if (matches && below) next.add(index + 2);
    const goes = matches || visit.part(0) === ".";
    const leads = LINKS_LEAD ? below || entry.isSymbolicLink() : below;
    if (goes && leads && !throughLink) next.add(index + 1);
  }

  /** After a ** that stands for a folder, ".." leads to where it lies, and to above that. */
  async #goUp(index: number, visit: Visit, full: string): Promise<void> {
    const parent = join(visit.path, "..");
    for (const path of [visit.path, parent]) {
      if (index < visit.last) {
        const at = new Set([index + 1]);
        const rest = visit.rest(index + 1);
        if (!this.#next.has(path) && !this.#seen.get(path)?.has(rest))
          this.#next.set(path, [visit.goingOn(path, at)]);
      } else
        this.#give(
          path,
          await this.#files.entry(path === parent ? join(full, "..") : full),
        );
    }
  }

  #isUnwanted(entry: AnyDirent): boolean {
    const { excludes, withFileTypes } = this.#options;
    return (
      excludes !== null && Boolean(excludes(withFileTypes ? entry : entry.name))
    );
  }

  async #goOn(path: string, index: number, visit: Visit): Promise<void> {
    await this.#add(visit.goingOn(path, new Set([index])));
  }

  async #add(visit: Visit): Promise<void> {
    const { excluded, excludes, withFileTypes } = this.#options;
    const { path } = visit;
    const full = this.#full(path);
    if (excluded(path)) return;
    if (excluded(`${full}/`)) {
      const entry = await this.#files.entry(full);
      if (entry?.isDirectory()) return;
    }
    if (excludes !== null) {
      const entry = withFileTypes ? await this.#files.entryOutside(path) : path;
      if (entry !== null && excludes(entry)) return;
    }
    const others = this.#next.get(path);
    if (others === undefined) this.#next.set(path, [visit]);
    else others.push(visit);
  }
}
