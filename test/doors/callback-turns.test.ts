// What runs between two callbacks, and where what a callback throws surfaces, is the same here as with
// node:fs. The programs are processes of their own, on the built package.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { listBackends } from "../../src/backends/select.ts";
import { Gate, testFolder } from "../helpers/files.ts";

const run = promisify(execFile);
const program = new URL("../helpers/callback-turns.mjs", import.meta.url);
const ours = new URL("../../dist/fs.js", import.meta.url).href;
const folder = testFolder();
const backends = Object.entries(listBackends())
  // The thread that calls is the one that waits here.
  .filter(
    ([name, { available }]) => available && !["null", "node"].includes(name),
  )
  .map(([name]) => name);
let runs = 0;

/** The lines of each scenario; they have one process, where one does not keep the next from running. */
type Outputs = Record<string, string>;

async function outputsOf(
  scenarios: string[],
  module: string,
  change: NodeJS.ProcessEnv = {},
  flags: string[] = [],
): Promise<Outputs> {
  const own = folder.join(`run ${++runs}`);
  mkdirSync(own);
  const gate = new Gate(folder, `gate ${runs}`);
  const { stdout } = await run(
    process.execPath,
    [...flags, program.pathname, module, own, gate.path, ...scenarios],
    { env: { ...process.env, ...change }, timeout: 100_000 },
  );
  const parts = stdout.split(/^# (\w+)\n/m).slice(1);
  return Object.fromEntries(
    scenarios.map((name, i) => {
      expect(parts[2 * i]).toBe(name);
      const lines = parts[2 * i + 1]!;
      expect([name, lines]).not.toEqual([name, ""]);
      return [name, lines];
    }),
  );
}

const described = [
  ["together", "what each leaves behind runs before the next"],
  ["woken", "after a sleep of the loop ticks run before microtasks"],
  ["composite", "so it is for calls that take several requests"],
  ["throwing", "what one throws surfaces in its own context, before the next"],
  ["throwingInHooks", "so it does while async hooks look on"],
  ["throwingTicks", "what a tick throws surfaces in that tick's context"],
  ["throwingInStream", "what a stream's listener throws, in the stream's"],
  ["awaited", "what is awaited goes on in the context of its caller"],
  ["stores", "what one throws surfaces in its own store"],
] as const;
const all = described.map(([name]) => name);

let node: Outputs;
beforeAll(async () => {
  node = await outputsOf(all, "node:fs");
});

describe("callbacks run as Node's do", () => {
  let found: Outputs;
  beforeAll(async () => {
    found = await outputsOf(all, ours);
  });

  it.each(described)("%s: %s", (scenario) => {
    expect(found[scenario]).toBe(node[scenario]);
  });

  it.concurrent.each(backends)("on %s", async (backend) => {
    const scenarios = ["together", "woken", "throwing"];
    const found = await outputsOf(scenarios, ours, {
      NODE_EIO_BACKEND: backend,
    });
    for (const one of scenarios) expect(found[one], one).toBe(node[one]);
  });
});

describe("without native code", () => {
  const scenarios = ["together", "woken", "composite", "throwingTicks"];
  let found: Outputs;
  beforeAll(async () => {
    found = await outputsOf([...scenarios, "stores", "throwing"], ours, {
      NODE_EIO_BACKEND: "pool",
      NODE_EIO_NATIVE: "off",
    });
  });

  it.each([...scenarios, "stores"])(
    "callbacks run as Node's do: %s",
    (scenario) => {
      expect(found[scenario]).toBe(node[scenario]);
    },
  );

  it("what a callback throws surfaces in a tick of its own", () => {
    expect(found["throwing"]).toBe(
      node["throwing"]!.replaceAll("own resource: true", "own resource: false"),
    );
  });
});

describe("where ticks of Node's cannot be run in between", () => {
  it("callbacks run as Node's do", async () => {
    const flags = ["--pending-deprecation", "--throw-deprecation"];
    const [found, node] = await Promise.all(
      [ours, "node:fs"].map((module) =>
        outputsOf(["together", "throwing"], module, {}, flags),
      ),
    );
    expect(found).toEqual(node);
  });
});
