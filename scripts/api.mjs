// Compares the public API as it is built with the reports in docs/api-report/, or writes those anew.
// Usage: npm run api:check; npm run api:update (after npm run build)
import {
  apiChange,
  builtReports,
  committedReports,
  writeReports,
} from "./support/public-api.mjs";

const built = builtReports();
const change = apiChange(committedReports(), built);
if (change === null) console.log("the public API is that of docs/api-report/");
else if (process.argv.includes("--update")) {
  writeReports(built);
  console.log(`docs/api-report/ is written anew\n\n${change}`);
} else {
  console.error(change);
  process.exitCode = 1;
}
