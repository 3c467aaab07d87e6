// Follows a log and ships it, until SIGTERM or SIGINT.
// Usage: node examples/log-shipper/main.mjs LOG URL STATE [--batch-lines N] [--linger-ms N] [--retry-ms N]
import { parseArgs } from "node:util";
import { Shipper } from "./shipper.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "batch-lines": { type: "string", default: "500" },
    "linger-ms": { type: "string", default: "500" },
    "retry-ms": { type: "string", default: "250" },
  },
});
const [log, url, state] = positionals;
const shipper = await Shipper.open(log, url, state, {
  batchLines: Number(values["batch-lines"]),
  lingerMs: Number(values["linger-ms"]),
  retryMs: Number(values["retry-ms"]),
});
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => void shipper.end());
console.log(`${log} goes to ${url}`);
try {
  await shipper.run();
} catch (error) {
  // The shipper is asked to stop while the collector is away: what is unsent goes out after the next start.
  if (error.name !== "AbortError") throw error;
}
console.log(`${shipper.sentLines} lines were taken`);
