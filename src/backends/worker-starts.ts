// Whether there is room for a worker, and whether it was for want of that that one did not start. It knows what a worker
// needs of the system, and none of those that run.
import { noAddresses } from "../util/address-space.ts";
import { wantsDescriptor } from "../util/shortage.ts";

/** V8 reserves 600 to 980 MiB for a worker (Node 20 to 26), and ends the process where it cannot. */
const WORKER_ADDRESS_BYTES = 1280 << 20;

/** Why so many more workers cannot start; null where they can. */
export function noRoomFor(workers: number): string | null {
  const why = noAddresses(workers * WORKER_ADDRESS_BYTES);
  return why === null ? null : `no worker can start: ${why}`;
}

/** Throws where so many more do not fit. */
export function checkRoomFor(workers: number): void {
  const why = noRoomFor(workers);
  if (why !== null) throw Object.assign(new Error(why), { code: NO_ADDRESSES });
}

const NO_ADDRESSES = "ENOMEM";
const NO_PLACE = ["ERR_ACCESS_DENIED", "ERR_WORKER_INIT_FAILED", NO_ADDRESSES];

/**
 * Why no worker starts, though nothing is wrong with it: the current folder is gone, which Node looks up
 * for each, the permission model allows none any more, or the system has no thread, no addresses, or no descriptor for
 * its files.
 */
export function hasNoPlace(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return (
    syscall === "uv_cwd" || NO_PLACE.includes(code!) || wantsDescriptor(error)
  );
}
