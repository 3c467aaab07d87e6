// Node's own class of handles, which it does not export: an open handle shows it. Called to refuse
// wrong arguments in its own words, whichever version is running. It knows no argument.
import type { open } from "node:fs/promises";
import { devNull } from "../../util/dev-null.ts";
import { callNode } from "../call-forms.ts";
import type { Descriptor } from "./descriptor.ts";
import { nodePromised } from "../../util/node-fs.ts";

const openWithNode = nodePromised("open") as typeof open;

type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;

/**
 * Node's own method on our descriptor. A handle on nothing in particular, whose `fd` is ours for
 * the length of the call, has everything that the method may look at.
 */
export async function callNodeHandle(
  descriptor: Descriptor,
  method: string,
  args: unknown[],
): Promise<unknown> {
  descriptor.hold();
  try {
    const stranger = await openWithNode(devNull);
    try {
      Object.defineProperty(stranger, "fd", {
        value: descriptor.fd,
        configurable: true,
      });
      return await callNode(() =>
        (stranger as unknown as Methods)[method]!(...args),
      );
    } finally {
      delete (stranger as unknown as { fd?: number }).fd;
      await stranger.close();
    }
  } finally {
    descriptor.drop();
  }
}
