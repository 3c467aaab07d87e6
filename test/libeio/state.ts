// What a scenario has made so far on our side: its folder, descriptors, working directories, requests by name,
// and the log that is compared (state.pm). Knows nothing of steps.
import path from "node:path";
import { constants } from "node:fs";
import door, {
  EIO_CWD,
  EIO_INVALID_WD,
  type EioGroup,
  type EioRequest,
  type EioWd,
} from "../../src/eio.ts";
import type { WorkingDirectory } from "../../src/index.ts";
import type { Argument, Entry, Path } from "./scenario.ts";

export interface Places {
  /** Where scenarios have their folders, and a folder on another file system. */
  base: string;
  other: string;
}

/** A path as the door takes it. */
export type DoorPath = string | [EioWd | null, string];

export class State {
  readonly root: string;
  readonly log: Entry[] = [];
  readonly fds = new Map<string, number>();
  readonly wds = new Map<string, WorkingDirectory>();
  readonly requests = new Map<string, EioRequest>();
  /** Groups whose result was set. */
  readonly withResult = new Set<string>();
  readonly #places: Places;

  constructor(places: Places, folder: string) {
    this.#places = places;
    this.root = path.join(places.base, folder);
  }

  path(given: Path): DoorPath {
    if (typeof given === "string")
      return given === "" ? this.root : `${this.root}/${given}`;
    if ("raw" in given) return this.text(given.raw);
    if ("other" in given)
      return `${this.#places.other}/${path.basename(this.root)}-${given.other}`;
    return [this.#wd(given.wd), this.text(given.path ?? ".")];
  }

  /** Of a path that no working directory has a part in. */
  plainPath(given: Path): string {
    const found = this.path(given);
    if (typeof found !== "string") throw new Error("a wd is in the way");
    return found;
  }

  #wd(name: string): EioWd | null {
    if (name === "CWD") return EIO_CWD;
    return this.wds.get(name) ?? EIO_INVALID_WD;
  }

  text(given: string): string {
    return given.replaceAll("$ROOT", this.root);
  }

  argument(given: Argument): unknown {
    if (typeof given === "number" || given === null) return given;
    if (typeof given === "string") return this.path(given);
    if ("fd" in given) return this.fd(given.fd);
    if ("flags" in given) return constantOf(given.flags);
    if ("text" in given) return given.text;
    if ("wide" in given) return BigInt(given.wide);
    return this.path(given);
  }

  fd(name: string): number {
    const fd = this.fds.get(name);
    if (fd === undefined) throw new Error(`no handle ${name}`);
    return fd;
  }

  group(name: string): EioGroup {
    return this.requests.get(name) as EioGroup;
  }

  /** Text as it is compared: the places of this run out of it. */
  normal(text: string): string {
    return Buffer.from(text)
      .toString("latin1")
      .replaceAll(this.root, "$ROOT")
      .replaceAll(this.#places.base, "$BASE");
  }
}

/** `O_RDWR|O_CREAT`; names of libeio's own are the door's. */
export function constantOf(names: string): number {
  const known: Record<string, unknown> = {
    ...constants,
    // Node has no names for these.
    O_PATH: 0o10000000,
    O_TMPFILE: 0o20000000 | constants.O_DIRECTORY,
    ...door.constants,
  };
  let bits = 0;
  for (const name of names.split("|")) {
    const value = known[`EIO_${name}`] ?? known[name];
    if (typeof value !== "number") throw new Error(`no constant ${name}`);
    bits |= value;
  }
  return bits;
}
