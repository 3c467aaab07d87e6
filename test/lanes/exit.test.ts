// A process whose system call hangs ends all the same, however it is made to: with its code, its
// listeners and its output. The file that hangs is a fifo that nobody ever opens.
import { spawn } from "node:child_process";
import { afterAll, describe, expect, it } from "vitest";
import { loadNative } from "../../src/backends/native.ts";
import { bundle } from "../helpers/bundle.mjs";
import { Gate, testFolder } from "../helpers/files.ts";

const folder = testFolder();
const gate = new Gate(folder, "gate");
const program = bundle("test/helpers/leaving.ts");
const native = loadNative();
if (native.addon === null)
  console.log(`left out: exits with a hung call (${native.reason})`);

/** A bundled program finds no addon by itself. */
const env = {
  ...process.env,
  ...(native.addon === null ? {} : { NODE_EIO_NATIVE: native.file }),
};

interface Ended {
  code: number | null;
  signal: string | null;
  lines: string[];
  errors: string;
}

const children = new Set<ReturnType<typeof spawn>>();
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

async function leave(
  way: string,
  ending: () => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [program, way, gate.path], { env });
  children.add(child);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (text.includes("ending")) ending();
  });
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (errors += text));
  return new Promise((resolve) =>
    child.on("close", (code, signal) => {
      children.delete(child);
      resolve({ code, signal, lines: output.trim().split("\n"), errors });
    }),
  );
}

describe.skipIf(native.addon === null)("with a hung call a process", () => {
  it("exits on process.exit(), after its listeners and its output", async () => {
    const { code, lines, errors } = await leave("exit");
    expect({ code, errors }).toEqual({ code: 7, errors: "" });
    expect(lines[0]).toHaveLength(100_000);
    expect(lines.slice(1)).toEqual(["ending", "leaving with 7"]);
  });

  it.each([
    ["exitInListener", 8, ["given up", "ending"]],
    ["exitCode", 9, ["ending"]],
    ["natural", 0, ["given up", "ending"]],
    ["close", 0, ["given up", "ending", "closed"]],
  ])("ends by %s with %d", async (way, code, lines) => {
    const ended = await leave(way);
    expect(ended).toMatchObject({ code, signal: null, errors: "" });
    expect(ended.lines.sort()).toEqual([...lines].sort());
  });

  it("reports an uncaught exception as Node does", async () => {
    const { code, lines, errors } = await leave("uncaught");
    expect({ code, lines }).toEqual({
      code: 1,
      lines: ["ending", "leaving with 1"],
    });
    expect(errors).toMatch(/throw new Error[^]*Error: of the program's own/);
  });

  it("waits for what is still wanted", async () => {
    const ended = await leave("wanted", () => void gate.release());
    expect(ended).toMatchObject({ code: 0, lines: ["ending", "read"] });
  });

  it("lets the user's own threads end by themselves", async () => {
    const { code, errors } = await leave("threads");
    expect({ code, errors }).toEqual({ code: 4, errors: "" });
  });
});

describe("without a hung call a process", () => {
  it("ends as Node ends it, however long its listeners take", async () => {
    const ended = await leave("idle");
    expect(ended).toMatchObject({ code: 3, signal: null, lines: ["ending"] });
  });
});
