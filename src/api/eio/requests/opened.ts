// Steps that use a descriptor of their own. It is closed whatever ends them, a cancel that finds the file just
// opened included.
import { ops } from "../../../ops/table.ts";
import { ECANCELED, Request } from "../../../request/request.ts";
import { decodeNone } from "../../../request/results.ts";
import { dropFd, holdFd } from "../../descriptors/environment.ts";
import type { Steps } from "../door.ts";

/** What ends well may keep it. */
export function* withOpened(
  open: Request,
  use: (fd: number) => Steps,
  keep: "close" | "keep",
): Steps {
  let kept = false;
  open.passing = keep === "close";
  // Steps that are ended at a yield are not given what the request came to: it is looked up there.
  open.result = ECANCELED;
  try {
    const { result: fd } = yield open;
    if (fd < 0) return fd;
    holdFd(fd);
    const result = yield* use(fd);
    kept = keep === "keep" && result >= 0;
    return result;
  } finally {
    if (!kept && open.result >= 0) {
      const close = new Request(ops.close.code, decodeNone, () => 0);
      close.fd = open.result;
      dropFd(open.result);
      yield close;
    }
  }
}
