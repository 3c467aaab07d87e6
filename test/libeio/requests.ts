// One line per request: how our door is called for it, in libeio's order of arguments, and what of its result is
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
  /** The door's name for it, and its arguments; by default those of the scenario. */
  call?: (args: Args) => [name: string, ...args: Args];
  /** What is logged beside the result when it succeeds. */
  details?: (req: EioRequest, state: State, request: Request) => Entry;
}

const NOT_REPORTED = -1;
const orNotReported = (value: unknown): unknown => value ?? NOT_REPORTED;
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
const stat: Shape["details"] = (req, _state, { fields }) => ({
  stat: statsOf(req.value as Stats | BigIntStats, fields),
});
const names = (list: unknown): string[] =>
  (list as string[]).map(bytesOf).sort(byBytes);

const shapes: Record<string, Shape> = {
  wd: {
    call: (args) => ["wd_open", ...args],
    details(req, state, { id }) {
      state.wds.set(id, req.value as WorkingDirectory);
      return { result: "wd" };
    },
  },
  open: {
    details(req, state, { id }) {
      state.fds.set(id, req.result);
      return { result: "fd" };
    },
  },
  seek: { details: (req) => ({ result: req.offs }) },
  read: {
    call: ([fd, offset, length]) => [
      "read",
      fd,
      Buffer.alloc(length as number),
      null,
      orNotReported(offset),
    ],
    details: (req) => ({
      data: dataOf((req.value as Buffer).subarray(0, req.result)),
    }),
  },
  write: {
    call: ([fd, offset, said, length = null]) => [
      "write",
      fd,
      Buffer.from(said as string),
      length,
      orNotReported(offset),
    ],
  },
  stat: { call: either("stat", "fstat"), details: stat },
  lstat: { details: stat },
  statvfs: {
    call: either("statvfs", "fstatvfs"),
    details: (req) => ({ vfs: vfsOf(req.value as Record<string, unknown>) }),
  },
  utime: {
    call: ([what, ...times]) =>
      either("utime", "futime")([what, ...times.map(orNotReported)]),
  },
  chown: {
    call: ([what, ...ids]) =>
      either("chown", "fchown")([what, ...ids.map(orNotReported)]),
  },
  chmod: { call: either("chmod", "fchmod") },
  truncate: { call: either("truncate", "ftruncate") },
  allocate: { call: (args) => ["fallocate", ...args] },
  readlink: { details: text },
  realpath: { details: text },
  readdir: {
    call: ([path]) => ["readdir", path, 0],
    details: (req) => ({ names: names(req.value) }),
  },
  readdirx: {
    details(req, state, { args }) {
      const [path] = args!;
      const place = state.argument(path!);
      const folder = typeof place === "string" ? place : null;
      const { int1, value } = req;
      return { flags: int1, ...listingOf(value as string[], folder, int1) };
    },
  },
  scandir: {
    details(req) {
      const { dirs, nondirs } = req.value as Record<string, unknown>;
      return { result: "listed", dirs: names(dirs), others: names(nondirs) };
    },
  },
  load: { details: data },
  slurp: { details: data },
  fiemap: {
    details(req, _state, { args }) {
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

function vfsOf(stats: Record<string, unknown>): Entry {
  const wanted = ["bsize", "frsize", "files", "namemax", "flag"];
  return Object.fromEntries(
    wanted.map((name) => [name, Number(stats[name] ?? stats[`f_${name}`])]),
  );
}

/** Calls the door; `log` gets the entry when the request ends. */
export function submitTo(
  state: State,
  request: Request,
  log: (entry: Entry) => void,
): EioRequest {
  const { request: name, id, args = [], pri, keepPri } = request;
  const { call, details } = shapes[name] ?? {};
  const given = args.map((arg) => state.argument(arg));
  const [type, ...rest] = call?.(given) ?? [name, ...given];
  const buffer = type === "ioctl" ? (rest[2] as Buffer) : null;
  const ended: EioCallback = (req) => {
    const entry: Entry = { cb: id, result: req.result };
    if (req.cancelled) entry.cancelled = true;
    if (req.result < 0) entry.errno = req.errorno;
    else Object.assign(entry, details?.(req, state, request));
    if (req.result >= 0 && buffer !== null) entry.data = dataOf(buffer);
    log(entry);
  };
  const submit = (door as unknown as Record<string, Call | undefined>)[type];
  if (submit === undefined) throw new Error(`the door has no ${type}`);
  return submit(...rest, keepPri ? null : (pri ?? 0), ended);
}
