// The options of fs.glob, checked in Node's words (Node 20 has no glob of its own to refuse them), and patterns taken
// apart by minimatch with the settings that Node uses. It looks at no file.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Minimatch, type GLOBSTAR } from "minimatch";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import type { AnyDirent } from "../directories/dirent.ts";

export type Part = string | typeof GLOBSTAR | { test(name: string): boolean };

export interface Pattern {
  parts: Part[];
  /** As written, to distinguish patterns with the same rest from others. */
  globs: string[];
}

export interface GlobOptions {
  root: string;
  patterns: Pattern[];
  withFileTypes: boolean;
  /** How many folders below the root, at most. */
  maxDepth: number;
  followSymlinks: boolean;
  /** Called with an entry or its name while the search goes on. */
  excludes: ((entry: AnyDirent | string) => unknown) | null;
  /** Called with whole paths: a pattern of what is left out matches. */
  excluded: (path: string) => boolean;
}

const DEPTHS = `>= 0 && <= ${Number.MAX_SAFE_INTEGER}`;
const INSENSITIVE =
  process.platform === "win32" || process.platform === "darwin";

const matcher = (pattern: string): Minimatch =>
  new Minimatch(pattern, {
    nocase: INSENSITIVE,
    windowsPathsNoEscape: true,
    nonegate: true,
    nocomment: true,
    optimizationLevel: 2,
    platform: process.platform,
    nocaseMagicOnly: true,
  });

export function readGlobOptions(
  pattern: unknown,
  options: unknown = {},
  start = "",
): GlobOptions {
  if (options === null || typeof options !== "object" || Array.isArray(options))
    throw invalidArgType("options", "of type object", options);
  const { cwd, exclude, withFileTypes, followSymlinks, maxDepth } =
    options as Record<string, unknown>;
  if (followSymlinks != null && typeof followSymlinks !== "boolean")
    throw invalidArgType(
      "options.followSymlinks",
      "of type boolean",
      followSymlinks,
    );
  const root = cwd instanceof URL ? fileURLToPath(cwd) : (cwd ?? ".");
  const excludes = typeof exclude === "function" ? exclude : null;
  return {
    root: root as string,
    patterns: readPatterns(pattern).flatMap((one) => {
      const { set, globParts } = matcher(one);
      return set.map((parts, i) => ({
        parts: parts as Part[],
        globs: globParts[i]!,
      }));
    }),
    withFileTypes: Boolean(withFileTypes),
    maxDepth: readDepth(maxDepth),
    followSymlinks: followSymlinks === true,
    excludes: excludes as GlobOptions["excludes"],
    excluded:
      exclude == null || excludes !== null
        ? () => false
        : readExclude(exclude, resolve(start, root as string)),
  };
}

function readDepth(depth: unknown): number {
  if (depth == null || depth === Infinity) return Infinity;
  if (typeof depth !== "number")
    throw invalidArgType("options.maxDepth", "of type number", depth);
  if (!Number.isInteger(depth))
    throw outOfRange("options.maxDepth", "an integer", depth);
  if (depth < 0 || depth > Number.MAX_SAFE_INTEGER)
    throw outOfRange("options.maxDepth", DEPTHS, depth);
  return depth;
}

function readPatterns(pattern: unknown): string[] {
  if (typeof pattern === "string") return [pattern];
  if (typeof pattern !== "object")
    throw invalidArgType("patterns", "of type string", pattern);
  return checkStrings(pattern, "patterns");
}

function checkStrings(values: unknown, name: string): string[] {
  if (!Array.isArray(values))
    throw invalidArgType(name, "an instance of Array", values);
  values.forEach((value, i) => {
    if (typeof value !== "string")
      throw invalidArgType(`${name}[${i}]`, "of type string", value);
  });
  return values as string[];
}

function readExclude(exclude: unknown, root: string): GlobOptions["excluded"] {
  if (!Array.isArray(exclude))
    throw invalidArgType(
      "options.exclude",
      "of type function or string[]",
      exclude,
    );
  const matchers = checkStrings(exclude, "options.exclude").map((pattern) =>
    matcher(resolve(root, pattern)),
  );
  return (path) => matchers.some((one) => one.match(path));
}
