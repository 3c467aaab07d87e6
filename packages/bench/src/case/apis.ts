// The functions that a subject works with: Node's, ours on one backend, or those of a module. It knows
// where they come from, and no work.
import fs from "node:fs";
import type { Case, Subject } from "../case.ts";

type Promises = typeof fs.promises;
type Handle = Pick<
  fs.promises.FileHandle,
  "fd" | "read" | "write" | "datasync" | "close"
>;

export interface Api {
  promises: Promises;
  /** The callback and synchronous functions, where the subject has some. */
  fs: typeof fs;
  open(path: string, flags: number): Promise<Handle>;
  /** Memory for transfers; aligned where the case is direct. */
  buffer(bytes: number): Buffer;
  /** Where an op goes; null where there is no route. */
  goes(op: string): string[] | null;
  close(): Promise<void>;
}

export async function apiOf(subject: Subject, { direct }: Case): Promise<Api> {
  switch (subject.kind) {
    case "eio":
      return eioApi(subject, direct);
    case "module":
      return moduleApi(subject, direct);
    case "node":
    case "bun":
      return plainApi(fs.promises, direct);
    case "fio":
      throw new TypeError("fio has a process of its own");
  }
}

async function eioApi(
  { which, options }: Subject,
  direct: boolean,
): Promise<Api> {
  // Other subjects are measured without a byte of this library in their process.
  const { createEio } = await import("node-eio");
  const eio = createEio({ ...options, backend: which as "pool" });
  return {
    promises: eio.promises as unknown as Promises,
    fs: eio.fs as unknown as typeof fs,
    open: async (path, flags) => {
      if (!direct || which === "null")
        return eio.promises.open(path, flags) as unknown as Handle;
      const mode = flags & fs.constants.O_RDWR ? "r+" : "r";
      const handle = await eio.openDirect(path, mode);
      if (!handle.direct)
        throw new Error(`${path} is not open for direct access`);
      return handle as unknown as Handle;
    },
    buffer: (bytes) => (direct ? eio.alloc(bytes) : Buffer.alloc(bytes, 7)),
    goes: (op) => eio.why(op as "read").goes,
    close: () => eio.close(),
  };
}

/** A module that stands for node:fs/promises: its exports, or those of its default export. */
async function moduleApi({ which }: Subject, direct: boolean): Promise<Api> {
  const module = (await import(which)) as Partial<Promises> & {
    default?: Promises;
  };
  const promises =
    typeof module.open === "function" ? (module as Promises) : module.default;
  if (typeof promises?.open !== "function")
    throw new TypeError(
      `${which} does not export what node:fs/promises exports`,
    );
  return plainApi(promises, direct);
}

function plainApi(promises: Promises, direct: boolean): Api {
  const flag = direct ? fs.constants.O_DIRECT : 0;
  return {
    promises,
    fs,
    open: (path, flags) => promises.open(path, flags | flag),
    buffer: direct ? aligned : (bytes) => Buffer.alloc(bytes, 7),
    goes: () => null,
    close: () => Promise.resolve(),
  };
}

const PAGE_BYTES = 1 << 16;

/** Memory of WebAssembly begins on a page, and JavaScript's own begins anywhere. */
function aligned(bytes: number): Buffer {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  const { WebAssembly } = globalThis as unknown as WithWebAssembly;
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return Buffer.from(buffer, 0, bytes).fill(7);
}
/** Node's types leave it out. */
interface WithWebAssembly {
  WebAssembly: {
    Memory: new (how: { initial: number; maximum: number }) => {
      buffer: ArrayBuffer;
    };
  };
}
