// What of a request the permission model denies, by what the table of ops says of each path. It is the one
// place that decides; it does not know who gets the refusal, or how.
import { constants } from "node:fs";
import { isAbsolute, resolve, sep } from "node:path";
import { builtin } from "../../util/builtin.ts";
import type { Access } from "../../ops/kinds.ts";
import { nameByCode, opByCode, registers } from "../../ops/table.ts";
import type { Folder, Request } from "../../request/request.ts";
import {
  Denied,
  deniedAnywhere,
  deniedBelow,
  deniedPath,
  deniedUrl,
  type Scope,
} from "./model.ts";

type Path = string | Uint8Array;

const { O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
const O_ACCMODE = 3;
const CHANGES = O_APPEND | O_CREAT | O_TRUNC;
const major = Number.parseInt(process.versions.node, 10);

/** As Node takes them: what may be changed by opening alone counts as written. */
function scopesOf(flags: number): Scope[] {
  const way = flags & O_ACCMODE;
  const writes = way !== O_RDONLY || (flags & CHANGES) !== 0;
  return [
    ...(way === O_WRONLY ? [] : (["read"] as const)),
    ...(writes ? (["write"] as const) : []),
  ];
}

interface Place {
  path: string | Buffer;
  shown: Path;
}

/** Each: null is allowed. */
const rules: Record<
  Access,
  (request: Request, at: () => Place) => Denied | null
> = {
  read: (_, at) => deniedPlace(at(), ["read"]),
  write: (_, at) => deniedPlace(at(), ["write"]),
  both: (_, at) => deniedPlace(at(), ["read", "write"]),
  flags: ({ a }, at) => deniedPlace(at(), scopesOf(a)),
  tree: ({ a }, at) => deniedTree(at(), ["read", "write"], a !== 0),
  list: ({ b }, at) => deniedTree(at(), ["read"], b !== 0),
  readAll: ({ op }) => deniedAnywhere(nameByCode[op]!, "read"),
  all: ({ op }) => deniedAnywhere(nameByCode[op]!, "read", "write"),
  paths: deniedList,
  module: deniedModule,
  ours: () => null,
};

function deniedPlace(
  { path, shown }: Place,
  scopes: readonly Scope[],
): Denied | null {
  for (const scope of scopes) {
    const denied = deniedPath(scope, path, shown);
    if (denied !== null) return denied;
  }
  return null;
}

function deniedTree(
  place: Place,
  scopes: readonly Scope[],
  below: boolean,
): Denied | null {
  const denied = deniedPlace(place, scopes);
  if (denied !== null || !below) return denied;
  for (const scope of scopes) {
    const denied = deniedBelow(scope, place.path);
    if (denied !== null) return denied;
  }
  return null;
}

function deniedList({ data, wd }: Request): Denied | null {
  for (const path of Buffer.from(data!).toString().split("\0")) {
    const denied = deniedPlace(placeOf(path, wd), ["read"]);
    if (denied !== null) return denied;
  }
  return null;
}

function deniedModule({ data }: Request): Denied | null {
  const { module } = builtin("node:v8").deserialize(data!) as {
    module: string;
  };
  return deniedUrl(module);
}

const textOf = (path: Path): string | Buffer =>
  typeof path === "string" ? path : Buffer.from(path);

/** Relative to the process's own folder Node resolves it, to a working directory's we do. */
function placeOf(path: Path, wd: Folder | null): Place {
  const given = textOf(path);
  if (wd === null || isAbsolute(given.toString()))
    return { path: given, shown: path };
  const full =
    typeof given === "string"
      ? resolve(wd.path, given)
      : Buffer.concat([Buffer.from(wd.path + sep), given]);
  return { path: full, shown: path };
}

/** In folders of descriptors, which have no path that counts: only who may go anywhere may go there. */
const unplaced = { at: "fd", newAt: "fd2" } as const;

function deniedStart(request: Request): Denied | null {
  const { params } = opByCode[request.op]!;
  for (const [i, [name]] of params.entries()) {
    if (!Object.hasOwn(unplaced, name)) continue;
    const register = registers[nameByCode[request.op]!][i] as "fd" | "a";
    const path = name === "at" ? request.path : request.path2;
    if (request[register] === -1 || isAbsolute(String(textOf(path!)))) continue;
    return deniedAnywhere(
      `${nameByCode[request.op]} of a path in an open folder`,
      "read",
      "write",
    );
  }
  return null;
}

/** Whether Node disables such a call of a descriptor, in one form of it or the other. */
export const isDisabled = ({ op }: Request): boolean =>
  opByCode[op]!.disabledFrom !== undefined;

/** Why a request is not to begin; null where it may. For processes under the permission model alone. */
export function deniedBy(request: Request): Denied | null {
  const { params, disabledFrom = Infinity } = opByCode[request.op]!;
  const name = nameByCode[request.op]!;
  if (major >= disabledFrom)
    return new Denied(
      `${name} API is disabled when Permission Model is enabled.`,
    );
  if (request.allowed) return null;
  for (const [i, [, , access]] of params.entries()) {
    if (access === undefined) continue;
    const register = registers[name][i];
    const at = (): Place =>
      register === "path2"
        ? placeOf(suffixed(name, request.path2!), request.wd2)
        : placeOf(suffixed(name, request.path!), request.wd);
    const denied = rules[access](request, at);
    if (denied !== null) return denied;
  }
  return deniedStart(request);
}

/** What is made is named so that it may be looked up. */
const suffixed = (name: string, path: Path): Path =>
  name !== "mkdtemp"
    ? path
    : typeof path === "string"
      ? `${path}XXXXXX`
      : Buffer.concat([path, Buffer.from("XXXXXX")]);
