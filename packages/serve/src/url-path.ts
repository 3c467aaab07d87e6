// The path that a request names, as names below the root: decoded once, `.` and `..` resolved as
// servers do, and nothing in it that a file system could understand differently.
import { HttpError } from "./http-error.ts";

export interface UrlPath {
  /** Below the root; none for the root itself. */
  names: string[];
  /** Whether it ends in a slash, and so can only be a folder. */
  folder: boolean;
  /** `?` and what follows, as it came. */
  query: string;
}

/** Throws 400 for what is no path, 414 for one that is too long. */
export function urlPath(url: string, bytesMax: number): UrlPath {
  if (url.length > bytesMax) throw new HttpError(414);
  const [, path = "", query = ""] = /^([^?#]*)(\?[^#]*)?/.exec(origin(url))!;
  const decoded = decode(path);
  if (!decoded.startsWith("/") || decoded.includes("\0"))
    throw new HttpError(400);
  const names: string[] = [];
  const parts = decoded.split("/");
  for (const part of parts) {
    if (part === "" || part === ".") continue;
    if (part !== "..") names.push(part);
    else if (names.pop() === undefined) throw new HttpError(400);
  }
  const last = parts.at(-1)!;
  return { names, folder: ["", ".", ".."].includes(last), query };
}

/** `GET http://host/path` is allowed, too. */
function origin(url: string): string {
  const [, rest] = /^https?:\/\/[^/?#]*(.*)$/i.exec(url) ?? [null, url];
  return rest === "" || rest!.startsWith("?") ? `/${rest}` : rest!;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new HttpError(400);
  }
}

export const encodePath = (names: string[]): string =>
  names.map(encodeURIComponent).join("/");

export type Dotfiles = "ignore" | "deny" | "allow";

/** Names that begin with a dot; `.well-known` at the root is everybody's (RFC 8615). */
export function isHidden(names: string[]): boolean {
  return names.some(
    (name, i) => name.startsWith(".") && !(i === 0 && name === ".well-known"),
  );
}
