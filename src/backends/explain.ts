// Where an op goes on one instance, and why it goes nowhere else. It takes the reasons of backends
// and lanes; it has none of its own.
import { opByCode } from "../ops/table.ts";
import type { Backend, BackendName, RunnerName } from "./backend.ts";
import { loadNative } from "./native.ts";
import { Router } from "./route.ts";
import { listBackends } from "./select.ts";

export interface Route {
  /** In the order in which they are tried: the next one when the one before cannot do it now. */
  goes: RunnerName[];
  /** Why not the others. */
  not: Partial<Record<RunnerName, string>>;
  /** How those do it that could do it in several ways. */
  how: Partial<Record<RunnerName, string>>;
}

export function explain(outer: Backend, opcode: number): Route {
  const backend = outer.inner ?? outer;
  const lanes = backend instanceof Router ? backend.lanes : [];
  const last = backend instanceof Router ? backend.last : backend.name;
  const goes: RunnerName[] = [];
  const not: Route["not"] = {};
  const how: Route["how"] = {};
  if (backend instanceof Router)
    goes.push(...backend.route(opcode).map(({ name }) => name));
  for (const lane of lanes)
    if (!goes.includes(lane.name))
      not[lane.name] = lane.whyNot(opcode) ?? "the profile leaves it to others";
    else {
      const reason = lane.how(opcode);
      if (reason !== null) how[lane.name] = reason;
      if (backend instanceof Router && backend.uncachedOnly(opcode))
        how[lane.name] = "of descriptors that bypass the page cache alone";
    }
  const threads = backend instanceof Router ? backend.threads : null;
  const left = threads?.whyNot(opcode);
  if (threads !== null && left != null) not.threads = left;
  if (opByCode[opcode] !== undefined) goes.push(last);
  if (last !== "null") how[last] = howOnPool(opcode);
  for (const [name, probe] of Object.entries(listBackends()))
    if (!goes.includes(name as BackendName))
      not[name as BackendName] ??= probe.available
        ? "it is not in use here"
        : probe.reason;
  return { goes, not, how };
}

/** Workers have native code, or do without. */
function howOnPool(opcode: number): string {
  const loaded = loadNative();
  const emulated = opByCode[opcode]?.emulated;
  if (loaded.addon === null) {
    if (emulated === undefined) return "by Node's own fs";
    const without =
      emulated === false ? "ENOSYS" : `emulated in JavaScript: ${emulated}`;
    return `${without} (no native code: ${loaded.reason})`;
  }
  const why = loaded.addon.whyNotRun(opcode);
  return why === null ? "in C, by the addon" : `in JavaScript: ${why}`;
}
