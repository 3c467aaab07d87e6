// A profile: what the bench found best on a machine, in a file or as an object. It is checked in full
// before any of it is used; which figures it came from is not known here.
import fs from "node:fs";
import { inspect } from "node:util";
import type { BackendName } from "../../backends/backend.ts";
import { ops, type OpName } from "../../ops/table.ts";
import { misuseError } from "../../util/errors.ts";
import { nearestName } from "../../util/nearest-name.ts";
import { checkNames } from "../option-names.ts";

/** What `node-eio bench --save` writes, and `createEio({ profile })` reads. */
export interface EioProfile {
  /** The version of this form: 1. */
  format: 1;
  /** Where and when it was measured, for people. */
  about?: Record<string, unknown>;
  /** What `auto` takes, where it can be had. */
  backend?: BackendName;
  /** Options of createEio that were measured; what is given to createEio itself comes first. */
  options?: { lingerUs?: number; loopLingerUs?: number; maxParallel?: number };
  /** From so many bytes on the ring has a transfer copied by the kernel's threads. */
  asyncMinBytes?: number;
  /** By op: who may run it, in the order in which they are tried. The pool comes after these, listed or not. */
  routes?: Partial<Record<OpName, BackendName[]>>;
}

const backendNames: BackendName[] = [
  "uring",
  "aio",
  "nowait",
  "threads",
  "pool",
];
const optionNames = ["lingerUs", "loopLingerUs", "maxParallel"];
/** The most that is copied in one turn of the loop; more would hold it up. */
const ASYNC_MIN_BYTES_MAX = 1 << 18;

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(name: string, want: string, got: unknown): never {
  const given =
    typeof got === "string" && name === "profile" ? got : inspect(got);
  throw misuseError("ERR_EIO_INVALID_OPTION", name, want, given);
}

/** Throws ERR_EIO_INVALID_OPTION, naming the field, on whatever is not a profile. */
export function readProfile(profile: string | EioProfile): EioProfile {
  const read = typeof profile === "string" ? fromFile(profile) : profile;
  if (!isFields(read)) refuse("profile", "a path or an object", read);
  const fields: Fields = { ...read };
  checkNames(fields, Object.keys(checks), "profile");
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) checks[name]!(`profile.${name}`, value);
  checks["format"]!("profile.format", fields["format"]);
  return read as unknown as EioProfile;
}

function opLike(name: string): string {
  const near = nearestName(name, Object.keys(ops));
  return near === undefined
    ? "an op of the table"
    : `an op of the table (did you mean "${near}"?)`;
}

function fromFile(path: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(path, "utf8")) as unknown;
  } catch (error) {
    refuse(
      "profile",
      "a file of JSON",
      `${path} (${(error as Error).message})`,
    );
  }
}

const checks: Record<string, (name: string, value: unknown) => void> = {
  format(name, value) {
    if (value !== 1) refuse(name, "1", value);
  },
  about(name, value) {
    if (!isFields(value)) refuse(name, "an object", value);
  },
  backend(name, value) {
    if (!backendNames.includes(value as BackendName))
      refuse(name, `one of ${backendNames.join(", ")}`, value);
  },
  options(name, value) {
    if (!isFields(value)) refuse(name, "an object", value);
    checkNames(value, optionNames, name);
  },
  asyncMinBytes(name, value) {
    const most = ASYNC_MIN_BYTES_MAX;
    if (
      !Number.isInteger(value) ||
      !(Number(value) >= 1 && Number(value) <= most)
    )
      refuse(name, `an integer from 1 to ${most}`, value);
  },
  routes(name, value) {
    if (!isFields(value)) refuse(name, "an object", value);
    for (const [op, route] of Object.entries(value)) {
      if (!Object.hasOwn(ops, op)) refuse(`${name}.${op}`, opLike(op), op);
      if (
        !Array.isArray(route) ||
        !route.every((lane) => backendNames.includes(lane as BackendName))
      )
        refuse(`${name}.${op}`, `a list of ${backendNames.join(", ")}`, route);
      if (route.includes("pool") && route.at(-1) !== "pool")
        refuse(`${name}.${op}`, "a list with the pool at its end", route);
    }
  },
};
