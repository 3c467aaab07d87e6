// eio.sys: the system calls that Node lacks, as functions that return promises. It knows which
// functions there are, not how any is done.
import type { Submitter } from "../submitter.ts";
import { sender } from "./send.ts";
import { constants, type SysConstants } from "./constants.ts";
import { copyCalls } from "./copies.ts";
import { fiemapCalls } from "./fiemap.ts";
import { getdentsCalls } from "./getdents.ts";
import { lockCalls } from "./locks.ts";
import { nameCalls, openerIn } from "./names.ts";
import { spaceCalls } from "./space.ts";
import { statxCalls } from "./statx.ts";
import { xattrCalls } from "./xattr.ts";

type Calls = ReturnType<typeof statxCalls> &
  ReturnType<typeof spaceCalls> &
  ReturnType<typeof fiemapCalls> &
  ReturnType<typeof copyCalls> &
  ReturnType<typeof nameCalls> &
  ReturnType<typeof getdentsCalls> &
  ReturnType<typeof xattrCalls> &
  ReturnType<typeof lockCalls>;

export interface EioSys extends Calls {
  readonly constants: SysConstants;
}

export function sysApi(engine: () => Submitter): EioSys {
  const send = sender(engine);
  const openIn = openerIn(send, engine);
  return {
    constants,
    ...statxCalls(send),
    ...spaceCalls(send),
    ...fiemapCalls(send),
    ...copyCalls(send),
    ...nameCalls(send, engine, openIn),
    ...getdentsCalls(send, openIn),
    ...xattrCalls(send),
    ...lockCalls(send),
  };
}
