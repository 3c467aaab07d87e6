// The options of the file handler: what they are by default, and what they may be.
import type { Stats } from "node:fs";
import { eio, type Eio } from "node-eio";
import {
  checkInteger,
  checkNames,
  checkObject,
  checkOneOf,
  checkOption,
} from "node-eio/internal";
import type { Types } from "./types.ts";
import type { Dotfiles } from "./url-path.ts";

export type { Dotfiles };
export type Symlinks = "inside" | "follow" | "refuse";

export interface ServeOptions {
  /** Files that stand for their folder, the first that is there; `["index.html"]` by default. */
  index?: readonly string[] | string | false | undefined;
  /** Whether folders without such a file are listed; no by default: 403. */
  listing?: boolean | undefined;
  /** Names that begin with a dot: as if absent (`ignore` by default), 403 (`deny`), or served (`allow`). */
  dotfiles?: Dotfiles | undefined;
  /** Symbolic links that stay `inside` the folder are followed (by default), all are (`follow`), or none (`refuse`). */
  symlinks?: Symlinks | undefined;
  /**
   * Where the kernel cannot keep paths below the folder, serves all the same and compares real paths:
   * a user of this machine who can move folders meanwhile gets past that. No by default: it refuses to start.
   */
  racyPathChecks?: boolean | undefined;
  /** Whether `file.br` and `file.gz` are sent in place of `file` to whom they suit; yes by default. */
  precompressed?: boolean | undefined;
  /** The Cache-Control header, or a function that makes it; none by default. */
  cacheControl?:
    string | ((path: string, stats: Stats) => string | undefined) | undefined;
  /** Content types by extension, without a dot, before the usual ones. */
  types?: Types | undefined;
  /** Further headers of files. */
  headers?: Record<string, string> | undefined;
  /** Whether responses have an ETag; yes by default. */
  etag?: boolean | undefined;
  /** Whether responses have a Last-Modified; yes by default. */
  lastModified?: boolean | undefined;
  /** Ranges in one request: with more the whole file is sent. 16 by default, 0 is none. */
  maxRanges?: number | undefined;
  /** Bytes of a request's target: with more 414. 8192 by default. */
  maxUrlBytes?: number | undefined;
  /** Entries of a listing. 10000 by default. */
  maxListed?: number | undefined;
  /** In a chain of handlers: whether what is not here is the next one's; yes by default. */
  fallthrough?: boolean | undefined;
  /** The instance that does the work; the shared one by default. */
  eio?: Eio | undefined;
}

const known: Record<keyof ServeOptions, true> = {
  index: true,
  listing: true,
  dotfiles: true,
  symlinks: true,
  racyPathChecks: true,
  precompressed: true,
  cacheControl: true,
  types: true,
  headers: true,
  etag: true,
  lastModified: true,
  maxRanges: true,
  maxUrlBytes: true,
  maxListed: true,
  fallthrough: true,
  eio: true,
};
const names = Object.keys(known);

/** Those of the file handler, out of the options of what it is part of; throws for a name that is neither's. */
export function serveOptionsOf(
  options: ServeOptions,
  others: readonly string[],
): ServeOptions {
  checkNames(options, [...names, ...others]);
  const own = Object.entries(options).filter(([name]) => names.includes(name));
  return Object.fromEntries(own);
}

export interface Settings {
  index: readonly string[];
  listing: boolean;
  dotfiles: Dotfiles;
  symlinks: Symlinks;
  racyPathChecks: boolean;
  precompressed: boolean;
  cacheControl: (path: string, stats: Stats) => string | undefined;
  types: Types;
  headers: Record<string, string>;
  etag: boolean;
  lastModified: boolean;
  maxRanges: number;
  maxUrlBytes: number;
  maxListed: number;
  fallthrough: boolean;
  eio: Eio;
}

const COUNT_MAX = 0x7fffffff;
const choices = {
  dotfiles: ["ignore", "deny", "allow"],
  symlinks: ["inside", "follow", "refuse"],
} as const;

export function settingsOf(options: ServeOptions): Settings {
  checkNames(options, names);
  checkKinds(options);
  const { index = "index.html", cacheControl, types = {} } = options;
  for (const [name, allowed] of Object.entries(choices)) {
    const value = options[name as keyof typeof choices];
    if (value !== undefined) checkOneOf(name, value, allowed);
  }
  const flag = (
    name:
      | "listing"
      | "racyPathChecks"
      | "precompressed"
      | "etag"
      | "lastModified"
      | "fallthrough",
    fallback: boolean,
  ): boolean => {
    const value = options[name] ?? fallback;
    checkOption(name, value, typeof value === "boolean", "true or false");
    return value;
  };
  const count = (
    name: "maxRanges" | "maxUrlBytes" | "maxListed",
    fallback: number,
  ): number => {
    const value = options[name] ?? fallback;
    checkInteger(name, value, 0, COUNT_MAX);
    return value;
  };
  return {
    index: index === false ? [] : [index].flat(),
    listing: flag("listing", false),
    dotfiles: options.dotfiles ?? "ignore",
    symlinks: options.symlinks ?? "inside",
    racyPathChecks: flag("racyPathChecks", false),
    precompressed: flag("precompressed", true),
    cacheControl:
      typeof cacheControl === "function" ? cacheControl : () => cacheControl,
    types: lowerCased(types),
    headers: options.headers ?? {},
    etag: flag("etag", true),
    lastModified: flag("lastModified", true),
    maxRanges: count("maxRanges", 16),
    maxUrlBytes: count("maxUrlBytes", 8192),
    maxListed: count("maxListed", 10_000),
    fallthrough: flag("fallthrough", true),
    eio: options.eio ?? eio,
  };
}

/** What would fail in the middle of a request, or be sent as something else. */
function checkKinds(options: ServeOptions): void {
  const { index, cacheControl, types, headers } = options;
  const given: unknown = options.eio;
  const isText = (value: unknown): boolean => typeof value === "string";
  const check = (name: string, value: unknown, right: boolean, want: string) =>
    checkOption(name, value, value === undefined || right, want);
  check(
    "index",
    index,
    index === false || [index].flat().every(isText),
    "a name, an array of names, or false",
  );
  check(
    "cacheControl",
    cacheControl,
    isText(cacheControl) || typeof cacheControl === "function",
    "a header's text, or a function that returns one",
  );
  for (const [name, texts] of Object.entries({ types, headers })) {
    if (texts === undefined) continue;
    checkObject(texts, name);
    for (const [key, value] of Object.entries(texts))
      check(`${name}.${key}`, value, isText(value), "a string");
  }
  const isInstance =
    typeof given === "object" && given !== null && "promises" in given;
  check("eio", given, isInstance, "what createEio() returns");
}

const lowerCased = (types: Types): Types =>
  Object.fromEntries(
    Object.entries(types).map(([extension, type]) => [
      extension.replace(/^\./, "").toLowerCase(),
      type,
    ]),
  );
