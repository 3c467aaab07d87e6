// Sequences of requests made at random on a small tree, compared as the written scenarios are:
//   npm run test:libeio:random -- --seed 7 --count 200
import { allDivergences, report } from "./compare.ts";
import {
  cancel,
  counts,
  dir,
  file,
  fds,
  flags,
  hold,
  nop,
  pollAll,
  run,
  scenario,
  tree,
  type Path,
  type Scenario,
  type Step,
} from "./scenario.ts";
import { runOurs, runPerl } from "./sides.ts";

const STEPS = 25;
const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const seed = option("seed", Date.now() % 1_000_000);
const count = option("count", 100);

/** The same numbers for the same seed. */
function numbers(from: number): (below: number) => number {
  let state = from >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

function made(number: number): Scenario {
  const below = numbers(seed * 1_000 + number);
  const one = <T>(of: readonly T[]): T => of[below(of.length)]!;
  const name = (): string => one(["a", "b", "c", "d"]);
  const path = (): string =>
    Array.from({ length: 1 + below(3) }, name).join("/");
  const place = (): Path =>
    below(4) === 0 ? { wd: "w", path: path() } : path();
  const makers: ((id: string) => Step)[] = [
    (id) => run("mkdir", [place(), 0o755], id),
    (id) => run("rmdir", [place()], id),
    (id) => run("unlink", [place()], id),
    (id) => run("rename", [place(), place()], id),
    (id) => run("rename2", [path(), path(), below(3)], id),
    (id) => run("link", [place(), path()], id),
    (id) => run("symlink", [{ raw: path() }, path()], id),
    (id) => run("stat", [place()], id),
    (id) => run("lstat", [place()], id),
    (id) => run("readlink", [place()], id),
    (id) => run("readdir", [place()], id),
    (id) => run("scandir", [path(), below(3)], id),
    (id) => run("truncate", [path(), below(100)], id),
    (id) => run("chmod", [place(), one([0o644, 0o600, 0o755])], id),
    (id) => run("utime", [place(), below(1_000), below(1_000)], id),
    (id) => run("load", [place()], id),
    (id) => run("slurp", [path(), below(5), 1 + below(9)], id),
    (id) => run("move", [path(), path()], id),
    (id) =>
      run(
        "open",
        [place(), flags(one(["O_RDONLY", "O_RDWR|O_CREAT"])), 0o644],
        id,
      ),
  ];
  const steps: (Step | Step[])[] = [
    dir("a"),
    dir("a/b"),
    file("a/f", "text"),
    file("b", "other text"),
    run("wd", ["a"], "w"),
  ];
  for (let i = 0; i < STEPS; i++) steps.push(one(makers)(`${i}`));
  const queued = Array.from({ length: 8 }, (_, i) => `n${i}`);
  steps.push(
    tree,
    hold,
    queued.map((id) => nop(id, { pri: below(9) - 4 })),
    queued.filter(() => below(3) === 0).map(cancel),
    { step: "release" },
    { step: "ripen", count: queued.length },
    { step: "set", name: "max_poll_reqs", value: below(4) },
    pollAll,
    counts,
    fds,
  );
  return scenario(`seed ${seed}, number ${number}`, steps);
}

const scenarios = Array.from({ length: count }, (_, i) => made(i));
const theirs = await runPerl(scenarios);
const ours = await runOurs(process.env.EIO_PLAY!, scenarios);
let other = 0;
for (const { name } of scenarios) {
  const found = allDivergences(theirs.outcomes[name], ours[name]);
  if (found.length === 0) continue;
  other++;
  console.log([name, ...found.map(report)].join("\n"));
}
console.log(`seed ${seed}: ${count - other} of ${count} are the same`);
process.exitCode = other === 0 ? 0 : 1;
