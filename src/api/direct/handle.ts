// The FileHandle of a file that was opened to bypass the page cache. It knows what differs from a
// plain handle's methods: the whole-file read, and the length.
import type { Submitter } from "../submitter.ts";
import { acceptLength } from "../arguments.ts";
import {
  notAbortedInTurn,
  prepareReadRest,
} from "../descriptors/read-write-all.ts";
import { adoptInto } from "../handles/node-file-handle.ts";
import { held, type HasDescriptor } from "../handles/descriptor.ts";
import { fileClosed } from "../handles/errors.ts";
import { FileHandle } from "../handles/file-handle.ts";
import type { FileHandleType } from "../handles/types.ts";
import { termsOf } from "../terms.ts";
import type { DirectAccess } from "./access.ts";

export type DirectFileHandle = FileHandleType & {
  /** Whether it bypasses the page cache; false where that was refused and `fallback` allowed. */
  readonly direct: boolean;
};

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;
const plain = FileHandle.prototype as unknown as Methods;

class DirectHandle extends (FileHandle as unknown as new (
  fd: number,
  engine: () => Submitter,
) => HasDescriptor) {
  get direct(): boolean {
    return this[held].access !== null;
  }

  async readFile(options: unknown): Promise<unknown> {
    const descriptor = this[held];
    if (descriptor.fd === -1) throw fileClosed("readFile", descriptor);
    const access = descriptor.access as DirectAccess | null;
    if (access === null) return plain["readFile"]!.call(this, options);
    const terms = termsOf(descriptor.engine, options);
    const request = prepareReadRest(options, () => terms);
    if (request === null) return plain["readFile"]!.call(this, options);
    request.value = await access.readRest(terms);
    const { signal } = terms;
    if (signal !== undefined) await notAbortedInTurn(signal);
    return request.present!(request);
  }

  async truncate(len: unknown, options: unknown): Promise<unknown> {
    const descriptor = this[held];
    const access = descriptor.access as DirectAccess | null;
    const bytes = acceptLength(len);
    const truncate = (): Promise<unknown> =>
      plain["truncate"]!.call(this, len, options);
    return access === null || descriptor.fd === -1 || Number.isNaN(bytes)
      ? truncate()
      : access.blocks.truncate(bytes, truncate);
  }
}

Object.defineProperty(DirectHandle, "name", { value: "FileHandle" });

export async function directHandle(
  fd: number,
  engine: () => Submitter,
): Promise<DirectFileHandle & HasDescriptor> {
  await adoptInto(FileHandle as never);
  return new DirectHandle(fd, engine) as unknown as DirectFileHandle &
    HasDescriptor;
}
