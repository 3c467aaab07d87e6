// Other programs beside which cases are run: which subjects each stands for, and whether it is here.
import { spawnSync } from "node:child_process";
import type { Answer, Order, Subject } from "../case.ts";
import { runCase } from "../child.ts";
import { runBun } from "./bun.ts";
import { runFio } from "./fio.ts";

export const peerNames = ["fio", "bun"] as const;
export type Peer = (typeof peerNames)[number];

/** Its version, or null where it is not installed. */
export function peerVersion(peer: Peer): string | null {
  const { status, stdout } = spawnSync(peer, ["--version"], {
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : null;
}

/** Linux AIO waits in io_submit for what is not direct. */
export function peerSubjects(peer: Peer, direct: boolean): Subject[] {
  if (peer === "bun")
    return [
      { name: "bun promises", kind: "bun", which: "", style: "promises" },
    ];
  const engines = direct ? ["io_uring", "libaio"] : ["io_uring"];
  return engines.map((which) => ({
    name: `fio ${which}`,
    kind: "fio",
    which,
    style: "callbacks",
  }));
}

/** One run of a case by whoever its subject is. */
export async function runOrder(
  order: Order,
  drop: () => Promise<void>,
): Promise<Answer> {
  const { kind } = order.subject;
  if (kind !== "fio" && kind !== "bun") return runCase(order, drop);
  if (order.case.cold) await drop();
  return kind === "fio" ? runFio(order) : runBun(order);
}
