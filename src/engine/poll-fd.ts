// The descriptor that tells other loops than Node's that there is something to poll. Whoever completes
// makes it readable: the kernel for its lanes, a worker for the pool, so it works while the loop of this
// thread is parked. It does not know who watches it.
import type { Backend } from "../backends/backend.ts";
import { openPollFd as open, type PollFd } from "../backends/native.ts";
import { Control } from "../request/layout.ts";
import { misuseError } from "../util/errors.ts";

/** Throws where there can be none, with the reason. */
export function openPollFd(backend: Backend, control: Int32Array): PollFd {
  const opened = open(backend.wakeFds?.() ?? []);
  if (typeof opened === "string") throw misuseError("ERR_EIO_POLL_FD", opened);
  Atomics.store(control, Control.pollFd, opened.eventFd + 1);
  return opened;
}
