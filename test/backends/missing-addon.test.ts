// Native code that is missing where it could be there: one line for whoever debugs, and the reason in eio.backends. Why it may be missing otherwise
// is not tested here.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";

const url = pathToFileURL(
  path.resolve(import.meta.dirname, "../../dist/index.js"),
).href;
const program = `
  import { createEio } from ${JSON.stringify(url)};
  const first = createEio(), second = createEio();
  console.log(first.backends.threads.reason);
  await Promise.all([first.close(), second.close()]);`;

const run = (NODE_EIO_NATIVE: string): { reason: string; lines: string[] } => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", program],
    {
      encoding: "utf8",
      env: { ...process.env, NODE_DEBUG: "eio", NODE_EIO_NATIVE },
    },
  );
  return { reason: stdout.trim(), lines: stderr.split("\n").filter(Boolean) };
};

it.runIf(process.platform === "linux")(
  "is one line with NODE_DEBUG=eio, and the reason in eio.backends",
  () => {
    const { reason, lines } = run("/none/node-eio.node");
    const why =
      "NODE_EIO_NATIVE names /none/node-eio.node, which does not exist";
    expect(reason).toBe(`no native code: ${why}`);
    expect(lines).toEqual([
      expect.stringMatching(/^EIO \d+: no native code: /),
    ]);
    expect(lines[0]).toContain(why);
  },
);

it("is no line where somebody has forbidden it", () => {
  const { reason, lines } = run("off");
  expect(reason).toContain("forbidden");
  expect(lines).toEqual([]);
});
