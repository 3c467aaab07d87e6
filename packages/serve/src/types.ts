// Content types by a file's name, with the charset that text is taken to have, and which of them are
// worth being compressed.
import { lookup } from "mrmime";

const UNKNOWN = "application/octet-stream";
const TEXT = /^(?:text\/|application\/(?:xml|javascript|(?:.+\+)?xml)\b)/;
const COMPRESSIBLE =
  /^(?:text\/|application\/(?:.*(?:json|xml|javascript|wasm|manifest|ttf|otf|eot|rtf|sql)|x-sh)|image\/(?:svg|bmp|x-icon|vnd\.microsoft\.icon)|font\/(?:ttf|otf|collection))/;

export type Types = Record<string, string>;

/** `own` goes first, by extensions without a dot. */
export function typeOf(name: string, own: Types): string {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const override = Object.hasOwn(own, extension) ? own[extension]! : null;
  const type = override ?? lookup(extension) ?? UNKNOWN;
  return TEXT.test(type) && !/charset=/i.test(type)
    ? `${type}; charset=utf-8`
    : type;
}

export const isCompressible = (type: string): boolean =>
  COMPRESSIBLE.test(type);
