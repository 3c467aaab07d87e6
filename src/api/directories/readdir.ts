// fs.readdir as a request: its arguments, and the names or Dirents made of the result. It does not know how a folder is listed.
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeBytes } from "../../request/results.ts";
import { acceptPath } from "../arguments.ts";
import { invalidArgType } from "../argument-errors.ts";
import { REFUSED, acceptEncoding, type Wanted } from "../encoding.ts";
import type { Prepare } from "../call-forms.ts";
import { settlePromise } from "../submit.ts";
import { applyTerms, termsOf } from "../terms.ts";
import { Dirent, type AnyDirent } from "./dirent.ts";
import { asListing, decodeEntries, decodeNames } from "./listing.ts";

/** The operands of scandir. */
const WITH_TYPES = 1;
const FOLLOW_LINKS = 2;
const Order = { depthFirst: 1, breadthFirst: 2 } as const;

interface Context {
  wanted: Wanted;
  /** The path as the caller gave it, for Dirents. */
  shown: unknown;
}

interface ReaddirOptions {
  withFileTypes?: unknown;
  recursive?: unknown;
}

const major = Number.parseInt(process.versions.node, 10);
const FOLLOWS_LINKS = 22;
const SAME_WALK = 26;
const THROWS_LATER = 22;
/** From here on trees may be named by bytes. */
const TAKES_BYTES = 26;

/** Node's two forms walk trees in different orders and come to follow links in different releases; from 26 on they are as one. */
const prepare =
  (recursion: number, followed: number): Prepare =>
  ([path, options], engine) => {
    const taken = acceptPath(path);
    const wanted = acceptEncoding(options, "utf8");
    if (taken === null || wanted === REFUSED) return null;
    const { withFileTypes, recursive } = readOptions(options);
    if (recursive != null && typeof recursive !== "boolean") return null;
    if (recursive && (typeof taken !== "string" || !/^utf-?8$/.test(wanted))) {
      if (recursion === Order.breadthFirst) checkText(path, wanted);
      return null;
    }
    const request = new Request(
      ops.scandir.code,
      recursive ? decodeBytes : withFileTypes ? decodeEntries : decodeNames,
      settlePromise,
    );
    request.path = taken;
    const shown = path instanceof URL ? taken : path;
    request.context = { wanted, shown } satisfies Context;
    if (withFileTypes) request.a = WITH_TYPES;
    if (recursive) {
      request.a |= followed;
      request.b = recursion;
      request.present = withFileTypes ? treeEntries : treeNames;
    } else request.present = withFileTypes ? entries : names;
    return applyTerms(request, termsOf(engine(), options));
  };

/**
 * Trees need paths that are text. Up to Node 20 that was thrown at the caller; from 22 on it is
 * thrown where nobody can catch it, and the process ends; from 26 on it is no error.
 */
function checkText(path: unknown, wanted: Wanted): void {
  if (major < THROWS_LATER || major >= TAKES_BYTES) return;
  const bytes = wanted === "buffer" ? Buffer.from("") : path;
  if (bytes instanceof Uint8Array)
    throw invalidArgType("path", "of type string", bytes);
}

export const readdirCalled = prepare(
  Order.breadthFirst,
  major >= FOLLOWS_LINKS ? FOLLOW_LINKS : 0,
);
export const readdirPromised =
  major >= SAME_WALK ? readdirCalled : prepare(Order.depthFirst, 0);

function readOptions(options: unknown): ReaddirOptions {
  return typeof options === "object" && options !== null ? options : {};
}

function names({ value, result, context }: Request): unknown[] {
  return asListing(value, result, false).names((context as Context).wanted);
}

function entries({ value, result, context }: Request): AnyDirent[] {
  const { wanted, shown } = context as Context;
  const listing = asListing(value, result, true);
  // Each name gives way to its entry: the array is ours.
  const made = listing.names(wanted) as unknown[];
  for (let i = 0; i < made.length; i++)
    made[i] = new Dirent(made[i] as string, listing.type(i), shown);
  return made as AnyDirent[];
}

const textOf = (value: unknown, from: number): string => {
  const { buffer, byteOffset, byteLength } = value as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8", from);
};

function treeNames({ value, result }: Request): string[] {
  return result === 0 ? [] : textOf(value, 0).split("\0");
}

/** After the names of all entries: each folder's path and how many of the entries are its own. */
function treeEntries({ value, result }: Request): AnyDirent[] {
  const types = value as Uint8Array;
  const words = result === 0 ? [] : textOf(value, result).split("\0");
  const made = new Array<AnyDirent>(result);
  let i = 0;
  for (let at = result; at < words.length; at += 2) {
    const folder = words[at]!;
    for (const end = i + Number(words[at + 1]); i < end; i++)
      made[i] = new Dirent(words[i]!, types[i]!, folder);
  }
  return made;
}
