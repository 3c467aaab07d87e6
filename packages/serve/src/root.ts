// The folder that is served, and what can be opened below it. Whether a path leads out of it is the
// kernel's to say (openat2, RESOLVE_BENEATH); where that is not to be had, nothing is opened, unless it was
// asked for the weaker check of the real path, which somebody who can move folders meanwhile gets past.
// It knows no HTTP.
import type { Stats } from "node:fs";
import fs from "node:fs";
import path from "node:path";
import type { Eio, FileHandle } from "node-eio";
import { misuseError } from "node-eio/internal";
import type { Settings, Symlinks } from "./options.ts";

type RootSettings = Pick<Settings, "eio" | "symlinks" | "racyPathChecks">;

export interface Found {
  handle: FileHandle;
  stats: Stats;
}

/** How paths are kept below the root. */
export interface Guard {
  kind: "kernel" | "realpath" | "none";
  /** A sentence for whoever starts the server. */
  about: string;
}

/** Without waiting for whoever writes into a fifo; such a thing is not served. */
const FLAGS =
  fs.constants.O_RDONLY |
  (fs.constants.O_NONBLOCK ?? 0) |
  (fs.constants.O_NOCTTY ?? 0);

/** What is as if it were not there. */
const ABSENT = new Set([
  ...["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "EXDEV", "ENXIO"],
  ...["EINVAL", "ENODEV", "EILSEQ"],
]);

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException | null)?.code ?? "";

/** The kernel says so while somebody renames folders on the way. */
const ATTEMPTS = 3;

export class Root {
  readonly path: string;
  readonly guard: Guard;
  readonly #eio: Eio;
  readonly #symlinks: Symlinks;
  readonly #folder: FileHandle;

  private constructor(
    eio: Eio,
    path: string,
    symlinks: Symlinks,
    folder: FileHandle,
    guard: Guard,
  ) {
    this.#eio = eio;
    this.path = path;
    this.#symlinks = symlinks;
    this.#folder = folder;
    this.guard = guard;
  }

  /** Rejects where there is no such folder. */
  static async open(folder: string, settings: RootSettings): Promise<Root> {
    const { eio, symlinks } = settings;
    const real = await eio.promises.realpath(folder);
    const handle = await eio.promises.open(real, FLAGS);
    try {
      const stats = await handle.stat();
      if (!stats.isDirectory())
        throw Object.assign(
          new Error(`ENOTDIR: not a directory, '${folder}'`),
          {
            code: "ENOTDIR",
          },
        );
      const guard = await guardOf(handle, settings);
      return new Root(eio, real, symlinks, handle, guard);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** null: there is nothing that is served. Whoever gets something closes it. */
  async find(names: string[]): Promise<Found | null> {
    if (!names.every(isName)) return null;
    let handle: FileHandle;
    try {
      handle = await this.#open(names);
    } catch (error) {
      if (ABSENT.has(codeOf(error))) return null;
      throw error;
    }
    try {
      const stats = await handle.stat();
      if (stats.isFile() || stats.isDirectory()) return { handle, stats };
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return null;
  }

  close(): Promise<void> {
    return this.#folder.close();
  }

  #open(names: string[]): Promise<FileHandle> {
    const inside = names.join("/") || ".";
    if (this.guard.kind === "kernel") return this.#openBeneath(inside);
    if (this.guard.kind === "none")
      return this.#eio.promises.open(path.join(this.path, inside), FLAGS);
    return this.#openReal(inside);
  }

  async #openBeneath(inside: string): Promise<FileHandle> {
    const { sys } = this.#eio;
    const how = { flags: FLAGS, resolve: resolveOf(sys, this.#symlinks) };
    for (let attempt = 1; ; attempt++) {
      try {
        return await sys.openat2(this.#folder, inside, how);
      } catch (error) {
        const code = codeOf(error);
        if (code === "EAGAIN" && attempt < ATTEMPTS) continue;
        if (code !== "EXDEV" || this.#symlinks !== "inside") throw error;
      }
      // A link may be absolute and lead to a place below the root all the same.
      const real = await this.#realBelow(inside);
      return await sys.openat2(this.#folder, real, how);
    }
  }

  async #openReal(inside: string): Promise<FileHandle> {
    const real = await this.#realBelow(inside);
    if (this.#symlinks === "refuse" && path.normalize(inside) !== real)
      throw Object.assign(new Error("a link"), { code: "ELOOP" });
    const flags = FLAGS | (fs.constants.O_NOFOLLOW ?? 0);
    return await this.#eio.promises.open(path.join(this.path, real), flags);
  }

  /** The real path, from the root; EXDEV where it lies outside. */
  async #realBelow(inside: string): Promise<string> {
    const whole = path.join(this.path, inside);
    const real = await this.#eio.promises.realpath(whole);
    const below = path.relative(this.path, real);
    const isOutside =
      below === ".." ||
      below.startsWith(`..${path.sep}`) ||
      path.isAbsolute(below);
    if (isOutside) throw Object.assign(new Error("outside"), { code: "EXDEV" });
    return below || ".";
  }
}

/** No name of one system is a path of another. */
function isName(name: string): boolean {
  return process.platform !== "win32" || !/[\\:]/.test(name);
}

function resolveOf(sys: Eio["sys"], symlinks: Symlinks): number {
  const { RESOLVE_BENEATH, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS } =
    sys.constants;
  return (
    RESOLVE_BENEATH |
    (symlinks === "refuse" ? RESOLVE_NO_SYMLINKS : RESOLVE_NO_MAGICLINKS)
  );
}

/** Opens the root itself, which shows whether the kernel can do it. */
async function guardOf(
  folder: FileHandle,
  { eio, symlinks, racyPathChecks }: RootSettings,
): Promise<Guard> {
  if (symlinks === "follow")
    return { kind: "none", about: "symbolic links are followed anywhere" };
  try {
    const resolve = resolveOf(eio.sys, symlinks);
    const probe = await eio.sys.openat2(folder, ".", { flags: FLAGS, resolve });
    await probe.close();
    return {
      kind: "kernel",
      about: "the kernel keeps every path below the folder (openat2)",
    };
  } catch (error) {
    const why = `openat2: ${(error as Error).message}`;
    if (!racyPathChecks) throw misuseError("ERR_EIO_BENEATH_UNAVAILABLE", why);
    return {
      kind: "realpath",
      about: `paths are kept below the folder by their real path, which a local user who moves folders meanwhile could get around (${why})`,
    };
  }
}
