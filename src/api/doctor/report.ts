// One screen of what was found and what to change, for people. What is found, and what follows, it is given.
import type { Advice } from "./advice.ts";
import type { Facts } from "./facts.ts";
import type { Place } from "./places.ts";
import { questionNames, questions } from "../../util/file-systems.ts";

export interface Style {
  heading(text: string): string;
  warning(text: string): string;
}

export const plain: Style = { heading: (t) => t, warning: (t) => t };
export const coloured: Style = {
  heading: (text) => `\u001b[1m${text}\u001b[22m`,
  warning: (text) => `\u001b[33m${text}\u001b[39m`,
};

const LABEL = 13;
const MIB = 2 ** 20;

export function reportLines(
  facts: Facts,
  advice: readonly Advice[],
  style: Style = plain,
): string[] {
  const row = (label: string, text: string): string =>
    `${style.heading(label.padEnd(LABEL))}${text}`;
  const { container, group, limits, processors, threads } = facts;
  return [
    row("node-eio", facts.version),
    row(
      facts.otherRuntime ?? "Node",
      `${facts.node} (libuv ${facts.libuv}), ${facts.platform} ${facts.arch}, kernel ${facts.kernel}`,
    ),
    row(
      "container",
      container === null
        ? "none that shows"
        : `${container.kind} (${container.hint})`,
    ),
    row("native code", nativeText(facts)),
    row("backend", `${facts.backend}, which auto takes here`),
    ...backendLines(facts),
    row(
      "processors",
      `${processors.count} x ${processors.model}, ${processors.usable} usable, ${quotaText(group.processors)}`,
    ),
    row("copies", copiesText(facts.slowCopies)),
    row(
      "threads",
      `at most ${threads.most} in the pool; this process has ${threads.now ?? "an unknown number"}`,
    ),
    row(
      "limits",
      limits === null
        ? "not known on this system"
        : `open files ${amount(limits.openFiles)}, processes ${amount(limits.processes)}, locked memory ${bytes(limits.lockedBytes)}, address space ${bytes(limits.addressBytes)}`,
    ),
    row(
      "cgroup",
      `pids ${amount(group.pids)}${group.pidsNow === null ? "" : ` (${group.pidsNow} now)`}, memory ${bytes(group.memoryBytes)}; the machine has ${bytes(facts.memoryBytes)}`,
    ),
    ...Object.entries(facts.environment).map(([name, value]) =>
      row("environment", `${name}=${value}`),
    ),
    ...facts.places.flatMap((place) => [
      row("files", placeText(place)),
      ...meaningLines(place),
    ]),
    "",
    ...adviceLines(advice, style),
  ];
}

const placeText = ({ path, point, type, about }: Place): string =>
  point === null
    ? `${path}: ${about}`
    : `${path}: ${type}, mounted on ${point}; ${about}`;

/** Where others respond much is different; elsewhere little. */
function meaningLines({ remote, meanings }: Place): string[] {
  if (!remote || meanings === null) return [];
  return questionNames.map((name) => {
    const { what, source } = meanings[name];
    return `${" ".repeat(LABEL)}${questions[name]}: ${what} [${source}]`;
  });
}

function adviceLines(advice: readonly Advice[], style: Style): string[] {
  if (advice.length === 0) return ["Nothing to change."];
  const ordered = [
    ...advice.filter(({ needed }) => needed),
    ...advice.filter(({ needed }) => !needed),
  ];
  return [
    style.heading("What to change"),
    ...ordered.flatMap(({ needed, what, change }) => [
      needed ? style.warning(`  !  ${what}`) : `  -  ${what} (optional)`,
      `     ${change}`,
    ]),
  ];
}

function nativeText({ native }: Facts): string {
  if (!native.loaded) return `none: ${native.reason}`;
  const origins = {
    built: "built here",
    prebuilt: "from the package",
    given: "by NODE_EIO_NATIVE",
  };
  return `${origins[native.origin]}, ${native.file}`;
}

/** Those that run requests on a user's behalf, or would. */
function backendLines({ backends }: Facts): string[] {
  return (["uring", "nowait", "aio", "threads", "pool"] as const).map(
    (name) => {
      const probe = backends[name];
      const text = probe.available ? "available" : `no: ${probe.reason}`;
      return `  ${name.padEnd(LABEL - 2)}${text}`;
    },
  );
}

function copiesText(slowCopies: number | null): string {
  if (slowCopies === null) return "not measured, without native code";
  return slowCopies === 0
    ? "fast at any address"
    : `slow on this processor at addresses 1 to ${slowCopies} bytes further into a page; large ones go by aligned memory`;
}

const quotaText = (processors: number): string =>
  processors === Infinity
    ? "no quota"
    : `a quota of ${amount(processors)} processors`;

const amount = (count: number): string =>
  count === Infinity ? "unlimited" : String(Math.round(count * 100) / 100);

const bytes = (count: number): string =>
  count === Infinity
    ? "unlimited"
    : count >= 1024 * MIB
      ? `${(count / 1024 / MIB).toFixed(1)} GiB`
      : `${Math.round((count / MIB) * 10) / 10} MiB`;
