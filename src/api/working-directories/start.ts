// Where a request's paths start: the folder behind a working directory, who holds it open, and how
// it gets into a request. It knows neither how the folder was opened nor the object that users have.
import { isAbsolute } from "node:path";
import { nameByCode, opByCode, ops } from "../../ops/table.ts";
import type { Folder, Owner, Request } from "../../request/request.ts";
import { misuseError } from "../../util/errors.ts";
import { invalidArgType } from "../argument-errors.ts";
import { closingOf } from "../handles/errors.ts";
import { retainBoth } from "../handles/retained.ts";

/** Where a working directory keeps its folder. */
export const start = Symbol("start");

/** A descriptor that stays open while requests hold it. */
export interface Held extends Owner {
  readonly fd: number;
  readonly closing: boolean;
  /** The stack of its close(), where handles are tracked. */
  readonly closedBy: { stack?: string } | null;
}

export class Start implements Folder, Owner {
  readonly #held: Held;
  readonly #fd: number;
  readonly path: string;
  readonly resolve: number;
  readonly prefix: string | null;

  constructor(
    held: Held,
    path: string,
    resolve: number,
    prefix: string | null,
  ) {
    this.#held = held;
    this.#fd = held.fd;
    this.path = path;
    this.resolve = resolve;
    this.prefix = prefix;
  }

  /** Also while it is being closed: requests that hold it still need it. */
  get fd(): number {
    return this.#fd;
  }

  /** Whether the kernel keeps paths within the folder. */
  get keeps(): boolean {
    return this.resolve !== 0;
  }

  hold(): void {
    this.#held.hold();
  }

  drop(): void {
    this.#held.drop();
  }

  /** For a call on the caller's own thread, which no kernel keeps within a folder. */
  pathNow(path: string, call: string): string {
    this.check();
    if (this.keeps)
      throw misuseError("ERR_EIO_WD", call, "it could leave the folder");
    return isAbsolute(path) ? path : this.#before + path;
  }

  get #before(): string {
    return this.prefix ?? `/proc/self/fd/${this.#fd}/`;
  }

  check(): this {
    const { closing, closedBy } = this.#held;
    if (!closing) return this;
    const cause = closingOf("working directory", closedBy);
    throw Object.assign(misuseError("ERR_EIO_WD_CLOSED", this.path), { cause });
  }
}

/** What users have. */
export interface HasStart {
  readonly [start]: Start;
}

/** null: none given. */
export function startOf(name: string, wd: unknown): Start | null {
  if (wd === undefined || wd === null) return null;
  if (typeof wd !== "object" || !(start in wd))
    throw invalidArgType(name, "a working directory of eio.wd()", wd);
  return (wd as HasStart)[start].check();
}

/** What a call's options say. */
export interface FolderOptions {
  wd?: unknown;
  destWd?: unknown;
}

export const namesFolder = (options: unknown): options is FolderOptions => {
  if (typeof options !== "object" || options === null) return false;
  const { wd, destWd } = options as FolderOptions;
  return wd != null || destWd != null;
};

/** What names a folder of its own already keeps it. A link's target is text, and starts nowhere. */
export function startIn(
  request: Request,
  from: Start | null,
  to: Start | null,
): void {
  const { op, path, path2 } = request;
  if (path === null && takesPath(op))
    throw misuseError("ERR_EIO_WD", nameByCode[op]!, "its path is not known");
  const link = op === ops.symlink.code;
  if (from !== null && request.wd === null && !link && hasPath(op, path)) {
    request.wd = from.check();
    request.owner = retainBoth(request.owner, from);
  }
  const second = link ? from : to;
  if (second !== null && request.wd2 === null && path2 !== null) {
    request.wd2 = second.check();
    request.owner = retainBoth(request.owner, second);
  }
}

const takesPath = (op: number): boolean =>
  opByCode[op]?.params.some(([, kind]) => kind === "path") === true;

const hasPath = (op: number, path: unknown): boolean =>
  path !== null || op === ops.statMany.code;
