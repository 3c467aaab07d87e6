// Our class of handles under Node's own, as far as JavaScript can see: `instanceof` holds, Node's
// streams take our handles, and they can be transferred to other threads. It is done once, when
// the first handle is opened, because only an open handle shows Node's class.
import type { open } from "node:fs/promises";
import { devNull } from "../../util/dev-null.ts";
import { closedInTime } from "./finalizer.ts";
import { held, type HasDescriptor } from "./descriptor.ts";
import { invalidState } from "./errors.ts";
import { nodePromised } from "../../util/node-fs.ts";

const openWithNode = nodePromised("open") as typeof open;

type Class = abstract new (...args: never[]) => object;

/** Node's native handle: all that a transfer carries. */
type NativeHandle = new (fd: number) => object;

/** Of Node 26's, where its new streams are switched on. */
interface Writes {
  writer?(): { fail(): void };
}

/** Up to Node 20 a transferred handle said no more than a closed one. */
const TRANSFERRED =
  Number.parseInt(process.versions.node, 10) >= 22
    ? "The FileHandle has been transferred"
    : null;

let adopting: Promise<void> | null = null;
let adopted = false;

/** null: it is done. */
export function adoptInto(ours: Class): Promise<void> | null {
  if (adopted) return null;
  adopting ??= adopt(ours).then(
    () => {
      adopted = true;
    },
    () => {
      // No descriptor to be had, say: the next handle tries again.
      adopting = null;
    },
  );
  return adopting;
}

async function adopt(ours: Class): Promise<void> {
  const sample = await openWithNode(devNull);
  // Shows the symbol of its lock.
  (sample as unknown as Writes).writer?.().fail();
  await sample.close();
  const prototype = Object.getPrototypeOf(sample) as object;
  const symbols = [
    ...Object.getOwnPropertySymbols(sample),
    ...Object.getOwnPropertySymbols(prototype),
  ];
  const named = (name: string): symbol | undefined =>
    symbols.find(({ description }) => description === name);
  const native = (sample as unknown as Record<symbol, object>)[
    named("kHandle") ?? Symbol()
  ];
  if (native === undefined) return;
  const Native = native.constructor as NativeHandle;

  // Node's constructor, which is ours too from now on, sets them: in vain.
  const field = (
    name: string,
    get: (this: HasDescriptor) => unknown,
    set: (this: HasDescriptor, value: never) => void = () => {},
  ): void => {
    const symbol = named(name);
    if (symbol === undefined) return;
    Object.defineProperty(ours.prototype, symbol, {
      get,
      set,
      configurable: true,
    });
  };
  const define = (name: string, value: (this: HasDescriptor) => unknown) => {
    const symbol = named(name);
    if (symbol === undefined) return;
    Object.defineProperty(ours.prototype, symbol, {
      value,
      configurable: true,
      writable: true,
    });
  };
  // What Node's own methods that ours inherit (pull, pullSync, writer) look at.
  field("kFd", function () {
    return this[held].fd;
  });
  field("kClosePromise", function () {
    return this[held].closed;
  });
  field(
    "kLocked",
    function () {
      return this[held].locked;
    },
    function (locked: boolean) {
      this[held].locked = locked;
    },
  );
  define("kCloseSync", function () {
    const descriptor = this[held];
    if (descriptor.fd === -1) return;
    if (descriptor.closing) throw invalidState("The FileHandle is closing");
    closedInTime(descriptor);
    descriptor.closeNow();
    (this as HasDescriptor & NodeJS.EventEmitter).emit("close");
  });
  define("kRef", function () {
    this[held].holdForStream();
  });
  define("kUnref", function () {
    this[held].dropForStream();
  });
  const handing = new WeakMap<object, object>();
  define("messaging_transfer_symbol", function () {
    const descriptor = this[held];
    if (descriptor.closing || descriptor.busy)
      throw new DOMException(
        "Cannot transfer FileHandle while in use",
        "DataCloneError",
      );
    const handle = handing.get(this) ?? new Native(descriptor.fd);
    descriptor.give();
    descriptor.goneBecause = TRANSFERRED;
    return {
      data: { handle },
      deserializeInfo: "internal/fs/promises:FileHandle",
    };
  });
  define("messaging_transfer_list_symbol", function () {
    // Nothing may own the descriptor beside us: the native handle closes it when collected.
    if (this[held].closing || this[held].busy) return [];
    const handle = new Native(this[held].fd);
    handing.set(this, handle);
    return [handle];
  });
  Object.setPrototypeOf(ours.prototype, prototype);
  Object.setPrototypeOf(ours, prototype.constructor as Class);
}
