// Extended attributes of a path, of a link itself, or of an open file. Values are bytes.
import { decodeBytes } from "../../request/results.ts";
import { DATA_MAX_BYTES } from "../../request/codec.ts";
import {
  invalidArgType,
  invalidArgValue,
  outOfRange,
} from "../argument-errors.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Send, Registers, SysOp } from "./send.ts";
import {
  descriptorOf,
  flagsOf,
  isTarget,
  optionsOf,
  pathOf,
  type PathLike,
  type Target,
} from "./check.ts";

export interface XattrOptions extends RequestOptions {
  /** false: of a link itself. */
  followLinks?: boolean | undefined;
}

export interface SetXattrOptions extends XattrOptions {
  /** XATTR_CREATE or XATTR_REPLACE; 0 does either. */
  flags?: number | undefined;
}

type Place = PathLike | Target;
type Verb = "getxattr" | "setxattr" | "listxattr" | "removexattr";

/** As much as Linux lets a value, or all names together, be. */
export const XATTR_MAX_BYTES = 65536;

export function nameBytes(name: unknown): Buffer {
  if (typeof name !== "string" && !(name instanceof Uint8Array))
    throw invalidArgType("name", "of type string or Uint8Array", name);
  const bytes = Buffer.from(name as string);
  if (bytes.includes(0))
    throw invalidArgValue("name", name, "must be without null bytes");
  return bytes;
}

export function valueBytes(value: unknown): Uint8Array {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  if (!(bytes instanceof Uint8Array))
    throw invalidArgType("value", "of type string or Uint8Array", value);
  // More than Linux takes is for Linux to refuse, as far as it can be brought there.
  const most = DATA_MAX_BYTES - XATTR_MAX_BYTES;
  if (bytes.byteLength > most)
    throw outOfRange("value.byteLength", `<= ${most}`, bytes.byteLength);
  return bytes;
}

export function xattrCalls(send: Send) {
  /** Which op it is, and the registers that say of what; `link` is where the switch goes. */
  const locate = (
    verb: Verb,
    place: Place,
    options: XattrOptions | undefined,
    link: "a" | "c" = "a",
  ): [SysOp, Registers] => {
    const { followLinks = true } = optionsOf(options);
    if (isTarget(place)) return [`f${verb}`, descriptorOf("path", place, verb)];
    if (typeof followLinks !== "boolean")
      throw invalidArgType(
        "options.followLinks",
        "of type boolean",
        followLinks,
      );
    return [verb, { path: pathOf("path", place), [link]: followLinks ? 0 : 1 }];
  };

  return {
    /** Reads an attribute; ENODATA when there is none of that name. */
    async getxattr(
      path: Place,
      name: string | Uint8Array,
      options?: XattrOptions,
    ): Promise<Buffer> {
      const [op, of] = locate("getxattr", path, options);
      const registers = { ...of, data: nameBytes(name), room: XATTR_MAX_BYTES };
      return await send<Buffer>(
        op,
        registers,
        send.terms(options),
        decodeBytes,
      );
    },

    /** Sets an extended attribute; `flags` may require that it is there already, or that it is not. */
    async setxattr(
      path: Place,
      name: string | Uint8Array,
      value: string | Uint8Array,
      options?: SetXattrOptions,
    ): Promise<void> {
      const [op, of] = locate("setxattr", path, options, "c");
      const b = flagsOf("options.flags", optionsOf(options).flags ?? 0);
      const named = nameBytes(name);
      const data = Buffer.concat([named, valueBytes(value)]);
      await send(
        op,
        { ...of, data, a: named.byteLength, b },
        send.terms(options),
      );
    },

    /** The names, in no particular order. */
    async listxattr(path: Place, options?: XattrOptions): Promise<string[]> {
      const [op, of] = locate("listxattr", path, options);
      const registers = { ...of, room: XATTR_MAX_BYTES };
      const names = await send<Buffer>(
        op,
        registers,
        send.terms(options),
        decodeBytes,
      );
      return names.toString().split("\0").slice(0, -1);
    },

    /** Removes an extended attribute. */
    async removexattr(
      path: Place,
      name: string | Uint8Array,
      options?: XattrOptions,
    ): Promise<void> {
      const [op, of] = locate("removexattr", path, options);
      await send(op, { ...of, data: nameBytes(name) }, send.terms(options));
    },
  };
}
