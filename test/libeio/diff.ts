// Shows where we differ from libeio in the scenarios whose names have a text in them:
//   node test/libeio/run.mjs diff "cancel:"
// --json: as lines of the form in which differences.ts lists them.
import { allDivergences, fieldsOf, subjectOf, report } from "./compare.ts";
import { scenarios } from "./scenarios.ts";
import { runOurs, runPerl } from "./sides.ts";

const json = process.argv.includes("--json");
const [part = ""] = process.argv.slice(2).filter((arg) => arg !== "--json");
const chosen = scenarios.filter(({ name }) => name.includes(part));
const theirs = await runPerl(chosen);
const ours = await runOurs(process.env.EIO_PLAY!, chosen);
let equal = 0;
for (const { name } of chosen) {
  const found = allDivergences(theirs.outcomes[name], ours[name]);
  if (found.length === 0) equal++;
  else if (json)
    for (const one of found) {
      const entry = subjectOf((one.theirs ?? one.ours)!);
      console.log(JSON.stringify({ name, entry, ...fieldsOf(one) }));
    }
  else console.log([name, ...found.map(report)].join("\n"));
}
console.log(`${equal} of ${chosen.length} scenarios are the same`);
