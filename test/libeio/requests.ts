// One line per request: how our door is called for it, in libeio's order of arguments, and what of its answer is
// compared (requests.pm). Arguments of scenarios are in IO::AIO's order.
import type { BigIntStats, Stats } from "node:fs";
import type { WorkingDirectory } from "../../src/index.ts";
import door, { type EioCallback, type EioRequest } from "../../src/eio.ts";
import { byBytes, bytesOf, dataOf, listingOf, statsOf } from "./looks.ts";
import type { Entry, Request } from "./scenario.ts";
import type { State } from "./state.ts";

type Call = (...args: unknown[]) => EioRequest;
type Args = unknown[];

interface Shape {
  /** The door's name of it, and its arguments; without, as in the scenario. */
  call?: (args: Args) => [name: string, ...args: Args];
  /** What is logged beside the result of one that went well. */
  tell?: (req: EioRequest, state: State, request: Request) => Entry;
}

const NOT_TOLD = -1;
const orNotTold = (value: unknown): unknown => value ?? NOT_TOLD;
const onFd = (what: unknown): boolean => typeof what === "number";
/** The same by path and by descriptor. */
const either =
  (byPath: string, byFd: string) =>
  ([what, ...rest]: Args): [string, ...Args] => [
    onFd(what) ? byFd : byPath,
    what,
    ...rest,
  ];

/** A part of memory, as IO::AIO has it: offset, length, and then flags. */
const memory =
  (name: string) =>
  ([size, offset, length, ...flags]: Args): [string, ...Args] => {
    const from = offset as number;
    const whole = Buffer.alloc(size as number, "x");
    const end = length === null ? undefined : from + (length as number);
    return [name, whole.subarray(from, end), null, ...flags];
  };

const data = (req: EioRequest): Entry => ({
  data: dataOf(req.value as Uint8Array),
});
const text = (req: EioRequest, state: State): Entry => ({
  result: "text",
  text: state.normal(req.value as string),
});
const stat: Shape["tell"] = (req, _state, { fields }) => ({
  stat: statsOf(req.value as Stats | BigIntStats, fields),
});
const names = (list: unknown): string[] =>
  (list as string[]).map(bytesOf).sort(byBytes);

const shapes: Record<string, Shape> = {
  wd: {
    call: (args) => ["wd_open", ...args],
    tell(req, state, { id }) {
      state.wds.set(id, req.value as WorkingDirectory);
      return { result: "wd" };
    },
  },
  open: {
    tell(req, state, { id }) {
      state.fds.set(id, req.result);
      return { result: "fd" };
    },
  },
  seek: { tell: (req) => ({ result: req.offs }) },
  read: {
    call: ([fd, offset, length]) => [
      "read",
      fd,
      Buffer.alloc(length as number),
      null,
      orNotTold(offset),
    ],
    tell: (req) => ({
      data: dataOf((req.value as Buffer).subarray(0, req.result)),
    }),
  },
  write: {
    call: ([fd, offset, said, length = null]) => [
      "write",
      fd,
      Buffer.from(said as string),
      length,
      orNotTold(offset),
    ],
  },
  stat: { call: either("stat", "fstat"), tell: stat },
  lstat: { tell: stat },
  statvfs: {
    call: either("statvfs", "fstatvfs"),
    tell: (req) => ({ vfs: vfsOf(req.value as Record<string, unknown>) }),
  },
  utime: {
    call: ([what, ...times]) =>
      either("utime", "futime")([what, ...times.map(orNotTold)]),
  },
  chown: {
    call: ([what, ...ids]) =>
      either("chown", "fchown")([what, ...ids.map(orNotTold)]),
  },
  chmod: { call: either("chmod", "fchmod") },
  truncate: { call: either("truncate", "ftruncate") },
  allocate: { call: (args) => ["fallocate", ...args] },
  readlink: { tell: text },
  realpath: { tell: text },
  readdir: {
    call: ([path]) => ["readdir", path, 0],
    tell: (req) => ({ names: names(req.value) }),
  },
  readdirx: {
    tell(req, state, { args }) {
      const [path] = args!;
      const place = state.argument(path!);
      const folder = typeof place === "string" ? place : null;
      const { int1, value } = req;
      return { flags: int1, ...listingOf(value as string[], folder, int1) };
    },
  },
  scandir: {
    tell(req) {
      const { dirs, nondirs } = req.value as Record<string, unknown>;
      return { result: "listed", dirs: names(dirs), others: names(nondirs) };
    },
  },
  load: { tell: data },
  slurp: { tell: data },
  fiemap: {
    tell(req, _state, { args }) {
      if (args![4] === 0) return { counted: 1 };
      const extents = req.value as Record<string, number>[];
      return {
        extents: extents.map(({ logical, length, flags }) => [
          Number(logical),
          Number(length),
          Number(flags),
        ]),
      };
    },
  },
  ioctl: {
    call: ([fd, request, size]) => [
      "ioctl",
      fd,
      request,
      Buffer.alloc(size as number),
    ],
  },
  msync: { call: memory("msync") },
  mtouch: { call: memory("mtouch") },
  mlock: { call: memory("mlock") },
};

function vfsOf(told: Record<string, unknown>): Entry {
  const wanted = ["bsize", "frsize", "files", "namemax", "flag"];
  return Object.fromEntries(
    wanted.map((name) => [name, Number(told[name] ?? told[`f_${name}`])]),
  );
}

/** Calls the door; what is logged at its end goes to `told`. */
export function submitTo(
  state: State,
  request: Request,
  told: (entry: Entry) => void,
): EioRequest {
  const { request: name, id, args = [], pri, keepPri } = request;
  const { call, tell } = shapes[name] ?? {};
  const given = args.map((arg) => state.argument(arg));
  const [type, ...rest] = call?.(given) ?? [name, ...given];
  const buffer = type === "ioctl" ? (rest[2] as Buffer) : null;
  const ended: EioCallback = (req) => {
    const entry: Entry = { cb: id, result: req.result };
    if (req.cancelled) entry.cancelled = true;
    if (req.result < 0) entry.errno = req.errorno;
    else Object.assign(entry, tell?.(req, state, request));
    if (req.result >= 0 && buffer !== null) entry.data = dataOf(buffer);
    told(entry);
  };
  const submit = (door as unknown as Record<string, Call | undefined>)[type];
  if (submit === undefined) throw new Error(`the door has no ${type}`);
  return submit(...rest, keepPri ? null : (pri ?? 0), ended);
}
