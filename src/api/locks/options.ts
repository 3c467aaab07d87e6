// The options of lock() and leaseLock(), checked, and the path. It does not know what they are for.
import path from "node:path";
import { invalidArgType, outOfRange } from "../argument-errors.ts";
import { ownOptions } from "../misspelt.ts";
import type { RequestOptions } from "../request-options.ts";
import { bytesOf, integer, optionsOf, pathOf } from "../sys/check.ts";
import type { Terms } from "../terms.ts";

interface WaitOptions extends RequestOptions {
  /** Whether to wait for the lock. If false, the call fails with EAGAIN when somebody else holds it. Default: true. */
  wait?: boolean | undefined;
}

export interface LockOptions extends WaitOptions {
  /** Whether others may hold it at the same time, if they share it, too. Default: false. */
  shared?: boolean | undefined;
  /** The first byte of the range. Default: 0. */
  start?: number | bigint | undefined;
  /** The length of the range in bytes. 0 (the default) means to the end of the file, even if that moves. */
  length?: number | bigint | undefined;
}

export interface LeaseLockOptions extends WaitOptions {
  /** Milliseconds without a renewal by the holder after which somebody else may take the lock. Default: 10,000. */
  leaseMs?: number | undefined;
  /** Whether the token is on the disk before the lock is granted, so that tokens grow even across power losses. Default: true. */
  durable?: boolean | undefined;
}

export const LEASE_MS = 10_000;
const LEASE_MIN_MS = 100;
const LEASE_MAX_MS = 86_400_000;

const checkLockOptions = ownOptions<LockOptions>({
  wait: true,
  shared: true,
  start: true,
  length: true,
});
const checkLeaseOptions = ownOptions<LeaseLockOptions>({
  wait: true,
  leaseMs: true,
  durable: true,
});

export function readLockOptions(options: LockOptions | undefined) {
  checkLockOptions(options);
  const given = optionsOf(options);
  const start = bytesOf("options.start", given.start ?? 0);
  const length = bytesOf("options.length", given.length ?? 0);
  if (start + length > Number.MAX_SAFE_INTEGER)
    throw outOfRange(
      "options.length",
      `<= ${Number.MAX_SAFE_INTEGER - start}`,
      given.length,
    );
  return {
    shared: booleanOf("options.shared", given.shared, false),
    wait: booleanOf("options.wait", given.wait, true),
    start,
    length,
  };
}

export function readLeaseOptions(options: LeaseLockOptions | undefined) {
  checkLeaseOptions(options);
  const given = optionsOf(options);
  return {
    wait: booleanOf("options.wait", given.wait, true),
    durable: booleanOf("options.durable", given.durable, true),
    leaseMs: integer(
      "options.leaseMs",
      given.leaseMs ?? LEASE_MS,
      LEASE_MIN_MS,
      LEASE_MAX_MS,
    ),
  };
}

function booleanOf(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value === "boolean") return value;
  throw invalidArgType(name, "of type boolean", value);
}

export interface LockPath {
  given: string | Uint8Array;
  /** The same for every way to write it, as far as names go. */
  name: string;
}

export function readLockPath(value: unknown, { wd }: Terms): LockPath {
  const given = pathOf("path", value);
  const text = Buffer.from(given as string).toString("latin1");
  return { given, name: path.resolve(wd?.path ?? "", text) };
}
