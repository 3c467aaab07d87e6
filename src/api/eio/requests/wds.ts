// Working directories: opened and closed as requests. What they open is what eio.wd() opens.
import { ops } from "../../../ops/table.ts";
import { Request } from "../../../request/request.ts";
import {
  decodeBytes,
  decodeCount,
  decodeNone,
} from "../../../request/results.ts";
import { invalidArgType } from "../../argument-errors.ts";
import { Descriptor } from "../../handles/descriptor.ts";
import {
  absoluteNow,
  FOLDER,
  workingDirectory,
} from "../../working-directories/open.ts";
import type { Start } from "../../working-directories/start.ts";
import { WorkingDirectory } from "../../working-directories/working-directory.ts";
import { EIO_INVALID_WD } from "../constants.ts";
import { fill, stepped, type Declaration, type Param } from "../declare.ts";
import type { Door, Steps } from "../door.ts";
import { EioRequest } from "../request.ts";
import { withOpened } from "./opened.ts";

const params: readonly Param[] = [["path", "path"]];

function* opening(
  req: EioRequest,
  door: Door,
  { path, wd }: Request,
  fd: number,
): Steps {
  const find = new Request(ops.realpath.code, decodeBytes, () => 0);
  find.path = `/proc/self/fd/${fd}`;
  find.allowed = true;
  const { result, value } = yield find;
  const real = result < 0 ? null : Buffer.from(value as Uint8Array).toString();
  const parent = wd as Start | null;
  const { engine } = door;
  req.value = workingDirectory(
    () => engine,
    new Descriptor(engine, fd),
    real,
    absoluteNow(parent?.path, path!.toString()),
    // What keeps paths within the folder that it lies in keeps them here, too.
    parent?.resolve,
  );
  return 0;
}

/** Requests that started there are done before it goes. */
const close: Declaration = {
  params: [["wd", "wd"]],
  about:
    "Lets a working directory go, when the requests that started there are done.",
  value: "undefined",
  ops: ["close"],
  start(door, type, [wd], tail) {
    if (!(wd instanceof WorkingDirectory))
      throw invalidArgType("wd", "a working directory", wd);
    const req = new EioRequest(door, type, tail);
    const request = new Request(ops.nop.code, decodeNone, () => 0);
    door.after(req, request, tail, wd.close());
    return req;
  },
};

export const wdRequests = {
  wd_open: stepped(
    params,
    ["open", "realpath"],
    "Opens a folder as a working directory, for paths as [wd, path]: `value` is it, or EIO_INVALID_WD.",
    "WorkingDirectory",
    (req, args, tail, door) => {
      const open = new Request(ops.open.code, decodeCount, () => 0);
      const errno = fill(open, params, ["path"], args, tail);
      req.path = open.path;
      req.value = EIO_INVALID_WD;
      if (errno < 0) return errno;
      open.a = FOLDER;
      return withOpened(open, (fd) => opening(req, door, open, fd), "keep");
    },
  ),
  wd_close: close,
};
