// How a program behaves when the disk fills up, and when a file never opens: a test makes both happen, on purpose and in the
// same way each time.
// Run: node examples/faults.mjs
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import path from "node:path";
import { createEio } from "node-eio";
import { plan } from "node-eio/faults";

/** The program under test: keeps settings in a file, and falls back to its defaults when that does not open in time. */
const settings = (fs, file) => ({
  save: (values) => fs.writeFile(file, JSON.stringify(values)),
  async load(defaults) {
    try {
      return JSON.parse(await fs.readFile(file, { timeout: 500 }));
    } catch (error) {
      if (error.code === "ETIMEDOUT") return defaults;
      throw error;
    }
  },
});

const faults = plan({
  rules: [
    { op: "writes", path: "*.json", after: 1, then: { error: "ENOSPC" } },
    { op: "reads", path: "*.json", after: 1, then: { hang: true } },
  ],
});
const eio = createEio({ faults });
const folder = await eio.promises.mkdtemp(
  path.join(tmpdir(), "node-eio-example-"),
);
const { save, load } = settings(
  eio.promises,
  path.join(folder, "settings.json"),
);

await save({ theme: "dark" });
await assert.rejects(save({ theme: "light" }), { code: "ENOSPC" });
assert.deepEqual(await load({}), { theme: "dark" });
assert.deepEqual(await load({ theme: "default" }), { theme: "default" });

const struck = faults.trace.filter(({ rule }) => rule !== null);
assert.deepEqual(
  struck.map(({ op, fault }) => `${op} ${fault}`),
  ["spew error: ENOSPC", "slurp hang: true"],
);
await eio.promises.rm(folder, { recursive: true });
await eio.close();
console.log(`ok: ${struck.length} faults of ${faults.trace.length} requests`);
