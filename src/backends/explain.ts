// Where an op goes on one instance, and why it goes nowhere else. It asks backends and lanes for
// their reasons; it has none of its own.
import { opByCode } from "../ops/table.ts";
import type { Backend, BackendName } from "./backend.ts";
import { Router } from "./route.ts";
import { listBackends } from "./select.ts";

export interface Route {
  /** In the order in which they are asked: the next one when the one before cannot do it now. */
  goes: BackendName[];
  /** Why not the others. */
  not: Partial<Record<BackendName, string>>;
}

export function explain(backend: Backend, opcode: number): Route {
  const lanes = backend instanceof Router ? backend.lanes : [];
  const last: BackendName = backend.name === "null" ? "null" : "pool";
  const goes: BackendName[] = [];
  const not: Route["not"] = {};
  if (backend instanceof Router)
    goes.push(...backend.route(opcode).map(({ name }) => name));
  for (const lane of lanes)
    if (!goes.includes(lane.name))
      not[lane.name] = lane.whyNot(opcode) ?? "the profile leaves it to others";
  if (opByCode[opcode] !== undefined) goes.push(last);
  for (const [name, probe] of Object.entries(listBackends()))
    if (!goes.includes(name as BackendName))
      not[name as BackendName] ??= probe.available
        ? "it is not in use here"
        : probe.reason;
  return { goes, not };
}
