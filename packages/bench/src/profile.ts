// From figures to a profile that createEio reads: which backend, which way for each op, which thresholds.
// Only what is better beyond the noise goes in; where that is nothing, things stay as they are by default.
import type { BackendName, EioProfile } from "node-eio";
import type { Work } from "./case.ts";
import type { Machine } from "./machine.ts";
import type { Outcome, Row } from "./rows.ts";
import { compare, geometricMean, pairsAmong } from "./statistics.ts";
import { chosenValue, tunables, type Tunable } from "./tuning.ts";

/** The ops that a profile has routes for. */
type OpName = keyof NonNullable<EioProfile["routes"]>;

/** The op that a work comes down to; mixed work says nothing of one op. */
const opOf: Partial<Record<Work, OpName>> = {
  read: "read",
  randread: "read",
  write: "write",
  randwrite: "write",
  stat: "stat",
  open: "open",
  readfile: "slurp",
  writefile: "spew",
  readdir: "scandir",
};

/** What auto takes the first of. */
const preferred = ["uring", "nowait", "pool"];

const backendRow = ({ rows }: Outcome, name: string): Row | undefined =>
  rows.find(
    ({ subject }) =>
      subject.kind === "eio" &&
      subject.which === name &&
      subject.options === undefined,
  );

/** Better in some of the groups that have both, and worse in none; by how much, or 0. */
function gain(
  outcomes: Outcome[],
  name: string,
  over: string,
  claims: number,
): number {
  const comparisons = outcomes.flatMap((outcome) => {
    const [row, to] = [backendRow(outcome, name), backendRow(outcome, over)];
    return row === undefined || to === undefined
      ? []
      : [compare(row.rates, to.rates, claims)];
  });
  const better = comparisons.some(({ says }) => says === 1);
  const worse = comparisons.some(({ says }) => says === -1);
  return better && !worse
    ? geometricMean(comparisons.map(({ ratio }) => ratio.median))
    : 0;
}

function bestOver(
  outcomes: Outcome[],
  names: string[],
  usual: string,
  claims: number,
): string {
  const gains = names
    .map((name) => ({ name, by: gain(outcomes, name, usual, claims) }))
    .filter(({ by }) => by > 0)
    .sort((a, b) => b.by - a.by);
  return gains[0]?.name ?? usual;
}

export function profileOf(
  machine: Machine,
  outcomes: Outcome[],
  trials: Outcome[],
): EioProfile {
  const measured = (name: string): boolean =>
    outcomes.some((outcome) => backendRow(outcome, name) !== undefined);
  const names = ["uring", "nowait", "pool", "aio"].filter(measured);
  const usual = preferred.find(measured) ?? "pool";
  const claims = outcomes.length * pairsAmong(names.length);
  const backend = bestOver(outcomes, names, usual, claims);
  const routes = routesOf(outcomes, names, backend, claims);
  const values = Object.fromEntries(
    tunables.map((tunable) => [tunable, chosenValue(tunable, trials)]),
  ) as Record<Tunable, number | null>;
  const { asyncMinBytes, ...options } = values;
  const given = Object.entries(options).filter(([, value]) => value !== null);
  const { cpu, processors, system, node, version, date, disk } = machine;
  return {
    format: 1,
    about: {
      measured: outcomes.map(({ title }) => title),
      machine: { cpu, processors, system, node, version, date, disk },
    },
    ...(backend === usual ? {} : { backend: backend as BackendName }),
    ...(given.length === 0 ? {} : { options: Object.fromEntries(given) }),
    ...(asyncMinBytes === null ? {} : { asyncMinBytes }),
    ...(Object.keys(routes).length === 0 ? {} : { routes }),
  };
}

/** Ops for which another way is better than that of the backend as a whole. */
function routesOf(
  outcomes: Outcome[],
  names: string[],
  backend: string,
  claims: number,
): NonNullable<EioProfile["routes"]> {
  const routes: NonNullable<EioProfile["routes"]> = {};
  for (const op of new Set(Object.values(opOf))) {
    const own = outcomes.filter(({ draft }) => opOf[draft.work] === op);
    const usual = goesOf(own, backend);
    if (usual === null) continue;
    // Its lanes are those of the backend: a lane that is not open there cannot be used.
    const possible = names.filter((name) =>
      goesOf(own, name)?.every((lane) => usual.includes(lane)),
    );
    const best = goesOf(own, bestOver(own, possible, backend, claims));
    if (best !== null && best.join() !== usual.join()) routes[op] = best;
  }
  return routes;
}

function goesOf(outcomes: Outcome[], name: string): BackendName[] | null {
  for (const outcome of outcomes) {
    const row = backendRow(outcome, name);
    if (row?.goes) return row.goes as BackendName[];
  }
  return null;
}
