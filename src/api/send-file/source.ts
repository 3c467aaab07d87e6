// The file that is sent: opened by its path, or somebody's open file. It knows what is to be known
// before the first byte goes: how long it is, and whether its parts can be asked for.
import type { PathLike, Stats } from "node:fs";
import type { Submitter } from "../submitter.ts";
import { ops } from "../../ops/table.ts";
import { errnoOf, systemError } from "../../request/errors.ts";
import { Request, type Owner } from "../../request/request.ts";
import { decodeInto } from "../../request/results.ts";
import { acceptFd } from "../arguments.ts";
import { invalidArgType } from "../argument-errors.ts";
import { openHeld } from "../files/open.ts";
import { callNodePromise } from "../call-forms.ts";
import { Descriptor, hasDescriptor, held } from "../handles/descriptor.ts";
import { fileClosed } from "../handles/errors.ts";
import { read } from "../handles/read-write.ts";
import { promised, settlePromise } from "../submit.ts";
import { decodeStats } from "../files/stats.ts";
import { applyTerms, type Terms } from "../terms.ts";

export interface Source {
  fd: number;
  owner: Owner | null;
  /** Bytes; -1 where a length means nothing: a pipe, a device. */
  size: number;
  /** Whether its data is in the page cache, where the kernel sends it from. */
  sendable: boolean;
  /** From the descriptor's own position where `start` is -1: then what comes first will do. */
  read(start: number, bytes: number): Promise<Buffer>;
  /** Closes what was opened here, and lets go of what was not. */
  close(): Promise<void>;
}

/** An open file: a FileHandle of ours or of Node's, or a descriptor. */
export type OpenFile = number | { readonly fd: number };

export async function sourceOf(
  engine: () => Submitter,
  file: unknown,
  given: number | undefined,
  terms: Terms,
): Promise<Source> {
  const { descriptor, fd, opened } = await descriptorOf(engine, file, terms);
  const owner = descriptor?.owner ?? null;
  // Somebody's handle stays open as long as this takes, whatever they do with it.
  if (!opened) owner?.hold();
  const close = async (): Promise<void> => {
    if (opened) await descriptor!.close();
    else owner?.drop();
  };
  let size = given;
  try {
    size ??= await sizeOf(engine, fd, owner, terms);
  } catch (error) {
    await close();
    throw error;
  }
  const sendable = (descriptor?.access ?? null) === null;
  return {
    fd,
    owner,
    size,
    sendable,
    read: (start, bytes) =>
      sendable
        ? readRange(engine, fd, owner, start, bytes, terms)
        : readPast(descriptor!, start, bytes, terms),
    close,
  };
}

interface Found {
  fd: number;
  descriptor: Descriptor | null;
  opened: boolean;
}

async function descriptorOf(
  engine: () => Submitter,
  file: unknown,
  terms: Terms,
): Promise<Found> {
  if (hasDescriptor(file)) {
    const descriptor = file[held];
    if (descriptor.fd === -1) throw fileClosed("sendFile", descriptor);
    return { fd: descriptor.fd, descriptor, opened: false };
  }
  const isPath =
    typeof file === "string" ||
    file instanceof URL ||
    file instanceof Uint8Array;
  if (isPath) {
    const fd = await openPath(engine, file as PathLike, terms);
    const descriptor = new Descriptor(engine(), fd);
    return { fd, descriptor, opened: true };
  }
  const fd = acceptFd(
    typeof file === "object" && file !== null
      ? (file as { fd?: unknown }).fd
      : file,
  );
  if (Number.isNaN(fd))
    throw invalidArgType(
      "file",
      "a path, a descriptor or an instance of FileHandle",
      file,
    );
  return { fd, descriptor: null, opened: false };
}

async function openPath(
  engine: () => Submitter,
  path: PathLike,
  terms: Terms,
): Promise<number> {
  const request = openHeld([path, "r", 0o666, terms], engine);
  // Node says what is wrong with it; if nothing is, its handle is of no use here.
  if (request === null) {
    const handle = (await callNodePromise("open", [
      path,
      "r",
      0o666,
      terms,
    ])) as {
      close(): Promise<void>;
    };
    await handle.close();
    throw invalidArgType("file", "a path", path);
  }
  request.passing = true;
  return await promised<number>(engine(), request);
}

async function sizeOf(
  engine: () => Submitter,
  fd: number,
  owner: Owner | null,
  terms: Terms,
): Promise<number> {
  const request = new Request(ops.fstat.code, decodeStats, settlePromise);
  request.fd = fd;
  request.owner = owner;
  const termed = applyTerms(request, terms);
  const stats = await promised<Stats>(engine(), termed);
  if (stats.isDirectory()) throw systemError(errnoOf("EISDIR"), "read");
  return stats.isFile() ? stats.size : -1;
}

/** What is there of a range: shorter where the file has become shorter. */
async function readRange(
  engine: () => Submitter,
  fd: number,
  owner: Owner | null,
  start: number,
  bytes: number,
  terms: Terms,
): Promise<Buffer> {
  const data = Buffer.allocUnsafeSlow(bytes);
  let used = 0;
  while (used < bytes) {
    const request = new Request(ops.read.code, decodeInto, settlePromise);
    request.fd = fd;
    request.owner = owner;
    request.data = used === 0 ? data : data.subarray(used);
    request.position = start === -1 ? -1 : start + used;
    const termed = applyTerms(request, terms);
    const count = await promised<number>(engine(), termed);
    if (count === 0) break;
    used += count;
    if (start === -1) break;
  }
  return data.subarray(0, used);
}

/** Of a file that bypasses the page cache. */
async function readPast(
  descriptor: Descriptor,
  start: number,
  bytes: number,
  terms: Terms,
): Promise<Buffer> {
  const data = Buffer.allocUnsafeSlow(bytes);
  const position = start === -1 ? null : start;
  const reading = read(descriptor, data, 0, bytes, position, terms);
  const { bytesRead } = (await reading) as { bytesRead: number };
  return data.subarray(0, bytesRead);
}
