// A folder's own fsync: what was created, renamed or removed in it is so from then on, also when the power goes. It does not know
// what that was.
import type { EioPromises } from "./types.ts";

export async function syncFolder(
  { promises }: { readonly promises: EioPromises },
  folder: string | Uint8Array,
  options?: object,
): Promise<void> {
  const open = promises.open as (
    path: unknown,
    flags: string,
    mode?: number,
    options?: object,
  ) => ReturnType<EioPromises["open"]>;
  const handle = await open(folder, "r", undefined, options);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
