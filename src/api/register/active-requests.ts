// What process._getActiveRequests() and process.getActiveResourcesInfo() list while ours stand in for node:fs:
// Node's, and the shared instance's requests by the names of Node's own. It knows requests, and not who made them.
import type { Engine } from "../../engine/engine.ts";
import type { Request } from "../../request/request.ts";
import { startedInstance } from "../instance/instance.ts";
import { describe } from "../observe/describe.ts";

interface Lists {
  _getActiveRequests(): object[];
  getActiveResourcesInfo(): string[];
}

class ActiveRequest {
  constructor(engine: Engine, request: Request) {
    Object.assign(this, describe(engine, request));
  }
}
class FSReqCallback extends ActiveRequest {}
class FSReqPromise extends ActiveRequest {}

function activeRequests(): ActiveRequest[] {
  const engine = startedInstance()?.engine;
  if (engine === undefined) return [];
  return Array.from(engine.requests(), (request) =>
    request.calls
      ? new FSReqCallback(engine, request)
      : new FSReqPromise(engine, request),
  );
}

/** For the place of those of a process that are named like them. */
export function listsWithOurs(nodes: object): Lists {
  const { _getActiveRequests, getActiveResourcesInfo } = nodes as Lists;
  return {
    _getActiveRequests: () => [...activeRequests(), ..._getActiveRequests()],
    getActiveResourcesInfo: () => [
      ...activeRequests().map((request) => request.constructor.name),
      ...getActiveResourcesInfo(),
    ],
  };
}
