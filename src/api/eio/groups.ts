// Groups as libeio's functions have them, and what takes any request: submit, cancel, the macros of eio.h. It does
// not know what the requests do.
import { inspect } from "node:util";
import { invalidArgType, invalidArgValue } from "../argument-errors.ts";
import type { Declaration } from "./declare.ts";
import type { Door } from "./door.ts";
import { EioGroup } from "./group.ts";
import { EioRequest } from "./request.ts";
import { closeSync, openSync } from "./wd-sync.ts";
import { requests, type RequestName } from "./requests.ts";
import { readTrailingArguments } from "./trailing-arguments.ts";
import type { EioDescription, EioGroups, Stats } from "./types.ts";

function groupOf(grp: unknown): EioGroup {
  if (grp instanceof EioGroup) return grp;
  throw invalidArgType("grp", "an instance of EioGroup", grp);
}

function requestOf(req: unknown): EioRequest {
  if (req instanceof EioRequest) return req;
  throw invalidArgType("req", "an instance of EioRequest", req);
}

export function groupCalls(door: Door): EioGroups {
  function submit(description: EioDescription): EioRequest {
    if (typeof description !== "object" || description === null)
      throw invalidArgType("description", "of type object", description);
    const { type, args = [], pri, cb, data, options } = description;
    if (!Object.hasOwn(requests, type))
      throw invalidArgValue("description.type", type, "is no request");
    const { start, params } = requests[type as RequestName] as Declaration;
    const own = params.map((_param, i) => args[i]);
    const tail = readTrailingArguments(
      [pri, cb, data, options],
      0,
      door.takePri,
    );
    return start(door, type, own, tail);
  }

  return {
    wd_open_sync: (path) => openSync(() => door.engine, path),
    wd_close_sync: closeSync,
    submit,
    cancel(req) {
      door.cancel(requestOf(req));
    },
    grp(cb, data) {
      const tail = readTrailingArguments([null, cb, data], 0, door.takePri);
      return door.group("grp", tail) as never;
    },
    grp_add: (grp, req) => groupOf(grp).add(req),
    grp_feed(grp, feed, limit) {
      groupOf(grp).feed(feed, limit);
    },
    grp_limit(grp, limit) {
      groupOf(grp).limit(limit);
    },
    grp_cancel(grp) {
      groupOf(grp).cancelMembers();
    },
    grp_set(grp, result, errorno = 0) {
      if (typeof result !== "number" || typeof errorno !== "number")
        throw invalidArgType(
          typeof result !== "number" ? "result" : "errorno",
          "of type number",
          inspect(typeof result !== "number" ? result : errorno),
        );
      groupOf(grp).set(result, errorno);
    },
    RESULT: (req) => requestOf(req).result,
    BUF: (req) => requestOf(req).value,
    STAT_BUF: (req) => requestOf(req).value as Stats,
    STATVFS_BUF: (req) => requestOf(req).value,
    PATH: (req) => requestOf(req).path,
  };
}
