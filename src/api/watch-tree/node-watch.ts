// Changes by node:fs, where there is no native code: one watcher of Node's for each folder. Names are all that these say, so a rename is
// known by what is found. What follows from that is not known here.
import { constants, watch, type FSWatcher } from "node:fs";
import type { RequestOptions } from "../request-options.ts";
import type { Submitter } from "../submitter.ts";
import type { Terms } from "../terms.ts";
import type { EioPromises, FileHandle } from "../types.ts";
import type { Host, Notice, Source } from "./source.ts";
import { bytesOrText, survey, type Survey } from "./survey.ts";
import type { Folder } from "./tree.ts";

const { O_DIRECTORY, O_NONBLOCK, O_RDONLY } = constants;
const { bun, deno } = process.versions;
/** What is open can be watched wherever it is. */
const WATCHES_OPEN =
  process.platform === "linux" && bun === undefined && deno === undefined;
/** There are no more watches. */
const REFUSALS = new Set<string | undefined>(["ENOSPC", "EMFILE"]);

export interface NodeWatchSetting {
  engine: Submitter;
  promises: EioPromises;
  terms: Terms;
  call: RequestOptions;
  host: Host;
}

export class NodeSource implements Source {
  readonly method = "node";
  readonly reason: string;
  readonly watchesByPath = true;
  readonly #setting: NodeWatchSetting;
  #notices: Notice[] = [];
  readonly #watchers = new Set<FSWatcher>();

  constructor(setting: NodeWatchSetting, reason: string) {
    this.#setting = setting;
    this.reason = reason;
  }

  take(): Notice[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  async survey(
    folder: Folder,
    path: string,
    names: readonly string[] | null,
    expected: Buffer | null,
  ): Promise<Survey> {
    const { engine, terms } = this.#setting;
    const look = { names, expected, watcher: null };
    if (folder.watch !== null)
      return await survey(engine, { path, ...look }, terms);
    const handle = WATCHES_OPEN ? await this.#open(path) : null;
    // Whatever is at the path by now: what is watched is what is listed.
    const shown = handle === null ? path : `/proc/self/fd/${handle.fd}`;
    try {
      this.#watch(folder, shown);
      return await survey(engine, { path: shown, ...look }, terms);
    } catch (error) {
      this.forget(folder);
      throw error;
    } finally {
      await handle?.close();
    }
  }

  forget(folder: Folder): void {
    const watcher = folder.watch as FSWatcher | null;
    if (watcher === null) return;
    folder.watch = null;
    this.#watchers.delete(watcher);
    watcher.close();
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers.clear();
    this.#notices = [];
  }

  #open(path: string): Promise<FileHandle> {
    const { promises, call } = this.#setting;
    const flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK;
    return promises.open(bytesOrText(path) as string, flags, 0, call);
  }

  #watch(folder: Folder, path: string): void {
    let watcher: FSWatcher;
    try {
      watcher = watch(
        bytesOrText(path) as string,
        { encoding: "buffer" },
        (_kind, name) => this.#note(folder, watcher, name),
      );
    } catch (error) {
      if (!REFUSALS.has((error as NodeJS.ErrnoException).code)) throw error;
      return this.#setting.host.refused(folder);
    }
    folder.refused = false;
    folder.watch = watcher;
    this.#watchers.add(watcher);
    watcher.on("error", () => {
      if (folder.watch !== watcher) return;
      this.forget(folder);
      this.#add({ what: "unwatched", folder });
    });
  }

  #note(folder: Folder, watcher: FSWatcher, name: Buffer | null): void {
    if (folder.watch !== watcher) return;
    if (name === null) return this.#add({ what: "folder", folder });
    this.#add({ what: "name", folder, name: name.latin1Slice() });
  }

  #add(notice: Notice): void {
    this.#notices.push(notice);
    this.#setting.host.noticed();
  }
}
