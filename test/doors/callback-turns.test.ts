// What runs between two callbacks, and where what a callback throws surfaces, is the same here as with
// node:fs. The programs are processes of their own, on the built package.
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { listBackends } from "../../src/backends/select.ts";
import { Gate, testFolder } from "../helpers/files.ts";
import { todays } from "../helpers/part.ts";

const run = promisify(execFile);
const program = new URL("../helpers/callback-turns.mjs", import.meta.url);
const ours = new URL("../../dist/fs.js", import.meta.url).href;
const folder = testFolder();
const gate = new Gate(folder, "gate");
const backends = Object.entries(listBackends())
  // The thread that calls is the one that waits here.
  .filter(
    ([name, { available }]) => available && !["null", "node"].includes(name),
  )
  .map(([name]) => name);
let runs = 0;

async function outputOf(
  scenario: string,
  module: string,
  change: NodeJS.ProcessEnv = {},
  flags: string[] = [],
): Promise<string> {
  const own = folder.join(`run ${++runs}`);
  mkdirSync(own);
  const { stdout } = await run(
    process.execPath,
    [...flags, program.pathname, scenario, module, own, gate.path],
    { env: { ...process.env, ...change }, timeout: 100_000 },
  );
  return stdout;
}

/** What Node's own does is the same each time. */
const made = new Map<string, Promise<string>>();
function outputOfNode(scenario: string, flags: string[] = []): Promise<string> {
  const key = [scenario, ...flags].join(" ");
  const output = made.get(key) ?? outputOf(scenario, "node:fs", {}, flags);
  made.set(key, output);
  return output;
}

it.each([
  ["together", "what each leaves behind runs before the next"],
  ["woken", "after a sleep of the loop ticks run before microtasks"],
  ["composite", "so it is for calls that take several requests"],
  ["throwing", "what one throws surfaces in its own context, before the next"],
  ["throwingInHooks", "so it does while async hooks look on"],
  ["throwingTicks", "what a tick throws surfaces in that tick's context"],
  ["throwingInStream", "what a stream's listener throws, in the stream's"],
  ["awaited", "what is awaited goes on in the context of its caller"],
])("callbacks run as Node's do: %s (%s)", async (scenario) => {
  expect(await outputOf(scenario, ours)).toBe(await outputOfNode(scenario));
});

const onEach = backends.flatMap((backend) =>
  ["together", "woken", "throwing"].map((scenario) => ({ backend, scenario })),
);
it.each(todays(onEach, 3))(
  "callbacks run as Node's do: $scenario, on $backend",
  async (how) => {
    const { backend, scenario } = how;
    const change = { NODE_EIO_BACKEND: backend };
    expect(await outputOf(scenario, ours, change)).toBe(
      await outputOfNode(scenario),
    );
  },
);

const PORTABLE = { NODE_EIO_BACKEND: "pool", NODE_EIO_NATIVE: "off" };

it.each(["together", "woken", "composite", "throwingTicks", "stores"])(
  "callbacks run as Node's do without native code: %s",
  async (scenario) => {
    expect(await outputOf(scenario, ours, PORTABLE)).toBe(
      await outputOfNode(scenario),
    );
  },
);

it("what a callback throws surfaces in a tick of its own without native code", async () => {
  const node = await outputOfNode("throwing");
  expect(await outputOf("throwing", ours, PORTABLE)).toBe(
    node.replaceAll("own resource: true", "own resource: false"),
  );
});

it.each(["together", "throwing"])(
  "callbacks run as Node's do where its ticks cannot be run in between: %s",
  async (scenario) => {
    const flags = ["--pending-deprecation", "--throw-deprecation"];
    expect(await outputOf(scenario, ours, {}, flags)).toBe(
      await outputOfNode(scenario, flags),
    );
  },
);
