// What async hooks see of a call with a callback: what they see of node:fs. And what is left of it.
import { createHook, executionAsyncId } from "node:async_hooks";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { callbackFunctions } from "../../../src/api/callbacks/callback-api.ts";
import { bundle } from "../../helpers/bundle.mjs";
import { closeEngines, makeEngine } from "../../helpers/engine.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const file = folder.join("file");
fs.writeFileSync(file, "text");
const fd = fs.openSync(file, "r");
const engine = makeEngine();
afterAll(() => fs.closeSync(fd));
afterAll(closeEngines);

type Call = (...args: unknown[]) => void;
const ours = callbackFunctions(() => engine) as Record<string, Call>;
const nodes = fs as unknown as Record<string, Call>;

/** The requests that hooks were shown, by id. */
const seen = new Map<number, string[]>();
const note = (event: string) => (id: number) => {
  seen.get(id)?.push(event);
};
const hook = createHook({
  init(id, type) {
    if (type === "FSREQCALLBACK") seen.set(id, ["init"]);
  },
  before: note("before"),
  after: note("after"),
  destroy: note("destroy"),
});
afterEach(() => {
  hook.disable();
  seen.clear();
});

/** What hooks see of one call until it is destroyed. */
async function eventsOf(
  functions: Record<string, Call>,
  name: string,
  args: unknown[],
): Promise<string[][]> {
  hook.enable();
  await new Promise<void>((resolve) => {
    functions[name]!(...args, () => {
      note("callback")(executionAsyncId());
      resolve();
    });
  });
  while ([...seen.values()].some((events) => events.at(-1) !== "destroy"))
    await turn();
  return [...seen.values()];
}

describe("async hooks see one request, destroyed behind its callback", () => {
  it.each([
    ["access", [file]],
    ["stat", [file]],
    ["stat", [folder.join("none")]],
    ["fstat", [fd]],
    ["read", [fd, Buffer.alloc(4), 0, 4, 0]],
    ["readdir", [folder.join(".")]],
    ["chmod", [file, 0o600]],
  ])("as with node:fs: %s", async (name, args) => {
    const events = await eventsOf(ours, name, args);
    expect(events).toEqual([
      ["init", "before", "callback", "after", "destroy"],
    ]);
    hook.disable();
    seen.clear();
    expect(events).toEqual(await eventsOf(nodes, name, args));
  });

  it.each([
    ["readFile", [file]],
    ["writeFile", [folder.join("written"), "text"]],
    ["writeFile", [folder.join("written"), Buffer.alloc(3 << 20)]],
    ["cp", [file, folder.join("copy")]],
  ])("of a call that Node makes several of: %s", async (name, args) => {
    expect(await eventsOf(ours, name, args)).toEqual([
      ["init", "before", "callback", "after", "destroy"],
    ]);
  });

  it("and none for a refused call", async () => {
    hook.enable();
    expect(() => ours["stat"]!(file, { lane: "none" }, () => {})).toThrow(
      expect.objectContaining({ code: "ERR_EIO_UNKNOWN_LANE" }),
    );
    await turn();
    expect([...seen.values()]).toEqual([]);
  });
});

it("a call with a callback is garbage that young collections free", () => {
  const program = bundle("test/helpers/young-garbage.ts");
  const bytes = execFileSync(process.execPath, ["--no-opt", program], {
    encoding: "utf8",
  });
  expect(Number(bytes)).toBeLessThan(1000);
});
