// The end of a request: its callback is called, its group is notified, and what the callback returned goes
// to whoever polls. It knows requests and groups, not what they were for.
import { Aborted, TimedOut } from "../../engine/cancel.ts";
import { ECANCELED, type Request } from "../../request/request.ts";
import { Special } from "../../request/layout.ts";
import { errnoOf } from "../../request/errors.ts";
import { between } from "../../engine/polling.ts";
import { callIn } from "../callbacks/call-in-context.ts";
import { errorOf } from "../submit.ts";
import { EioGroup } from "./group.ts";
import { numberOf, type EioRequest } from "./request.ts";

/** Takes over how a request of the engine's ended; `value` is for whoever decodes. */
export function takeEnd(req: EioRequest, request: Request): void {
  req.result = request.result;
  if (request.result >= 0) return;
  req.result = -1;
  req.errorno = numberOf(errnoOfEnd(request));
  req.makeError = () => errorOf(request);
}

function errnoOfEnd({ result, reason, fault }: Request): number {
  if (reason instanceof TimedOut) return errnoOf("ETIMEDOUT");
  if (reason instanceof Aborted) return ECANCELED;
  if (result === Special.workerLost) return errnoOf("EIO");
  if (fault === null || (result < 0 && result > Special.workerLost))
    return result;
  // An error of Node's own JavaScript names what it means by a code.
  const code = (fault.info as { code?: string } | undefined)?.code;
  return errnoOf(code ?? fault.code ?? "") === NONE
    ? errnoOf("EINVAL")
    : errnoOf(code ?? fault.code!);
}

const NONE = errnoOf("");

/**
 * Notifies the caller and then the group, and returns the first number other than 0 that a callback
 * returned. What a callback throws, where the door throws it, is thrown when everybody was notified.
 */
export function finish(req: EioRequest): number {
  req.finished = true;
  req.inner = null;
  if (req.age === req.door.age) req.door.left();
  let returned = 0;
  try {
    returned = callBack(req);
  } finally {
    const { grp } = req;
    req.grp = null;
    if (grp instanceof EioGroup && grp.left(req)) {
      between();
      const above = finish(grp);
      if (returned === 0) returned = above;
    }
  }
  return returned;
}

function callBack(req: EioRequest): number {
  if (req.finish === null || req.age !== req.door.age) return 0;
  const call = req.finish as (req: EioRequest) => unknown;
  const { scope } = req;
  let returned: unknown;
  if (scope === null) returned = call(req);
  else if (req.door.throws)
    returned = scope.runInAsyncScope(call, undefined, req);
  else returned = callIn(scope, call, [req]);
  return typeof returned === "number" ? returned : 0;
}
