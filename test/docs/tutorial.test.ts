// The tutorial, followed word by word: its files are written, its commands run in their order, and they print what it says. What
// it teaches is not known here.
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
const text = fs.readFileSync(path.join(root, "docs/tutorial.md"), "utf8");

/** A block of the text, in its order: a file, commands, or what the commands before it print. */
interface Block {
  kind: string;
  body: string;
}
const blocks: Block[] = [
  ...text.matchAll(/^```(js|sh|text)\n([^]*?)^```$/gm),
].map(([, kind = "", body = ""]) => ({ kind, body }));

const SERVER = "node server.mjs\n";

let folder: string;
let server: ChildProcess | undefined;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "node-eio-tutorial-"));
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env;
  env = { ...rest, PORT: String(await freePort()) };
});
afterAll(async () => {
  await endServer();
  fs.rmSync(folder, { recursive: true });
});

it("the tutorial's commands print what it says", async () => {
  for (const [i, { kind, body }] of blocks.entries()) {
    if (kind === "js") {
      const name = /^\/\/ ([\w.]+)\n/.exec(body)?.[1];
      expect(name, body).toBeDefined();
      fs.writeFileSync(path.join(folder, "tutorial", name!), body);
    } else if (body === SERVER) {
      await endServer();
      await startServer();
    } else if (kind === "sh") {
      const next = blocks[i + 1];
      const { status, output } = await run(asHere(body));
      expect({ body, status, output }).toMatchObject({ body, status: 0 });
      if (next?.kind === "text")
        expect({ body, output }).toEqual({ body, output: next.body });
    }
  }
});

it("the tutorial starts its server in each of its steps", () => {
  expect(blocks.filter(({ body }) => body === SERVER)).toHaveLength(4);
  expect(blocks.filter(({ kind }) => kind === "text")).toHaveLength(5);
});

/** The package is this one instead of the registry's. */
const asHere = (commands: string): string =>
  commands
    .replace("npm init -y\n", "")
    .replace(
      "npm install node-eio\n",
      `mkdir node_modules && ln -s '${root}' node_modules/node-eio\n`,
    );

const cwd = (): string => {
  const inside = path.join(folder, "tutorial");
  return fs.existsSync(inside) ? inside : folder;
};

function run(
  commands: string,
): Promise<{ status: number | null; output: string }> {
  const child = spawn("bash", ["-e", "-c", commands], { cwd: cwd(), env });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => (output += data.toString()));
  return new Promise((resolve) =>
    child.on("close", (status) => resolve({ status, output })),
  );
}

function startServer(): Promise<void> {
  const child = spawn(process.execPath, ["server.mjs"], { cwd: cwd(), env });
  server = child;
  let output = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => {
        output += data.toString();
        if (output.includes("listening\n")) resolve();
      });
    child.on("exit", () => reject(new Error(`The server ended:\n${output}`)));
  });
}

async function endServer(): Promise<void> {
  if (server === undefined || server.exitCode !== null) return;
  const ended = new Promise((resolve) => server!.once("exit", resolve));
  server.kill("SIGKILL");
  await ended;
}

function freePort(): Promise<number> {
  const probe = net.createServer();
  return new Promise((resolve) =>
    probe.listen(0, () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    }),
  );
}
