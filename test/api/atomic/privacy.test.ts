// What other users can read while writeFileAtomic is at work, and what users without root's rights can write.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { Child, NOBODY, asNobody, stopped } from "./children.ts";
import { todays } from "../../helpers/part.ts";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "eio-privacy-"));
fs.chmodSync(root, 0o755);
const eio = createEio({ backend: "pool" });
let folder: string;
let rounds = 0;

beforeEach(() => {
  folder = path.join(root, String(rounds++));
  fs.mkdirSync(folder);
});
afterAll(async () => {
  await eio.close();
  fs.rmSync(root, { recursive: true });
});

const at = (name: string): string => path.join(folder, name);
const beside = (): string[] =>
  fs.readdirSync(folder).filter((name) => name.startsWith(".eio-"));

/** Tries to read each file of the folder whenever it gets a line, and prints the outcome. */
const reader = `${asNobody}
  for (;;) {
    if ((await heard()) === undefined) break;
    say(JSON.stringify(fs.readdirSync(".").map((name) => {
      try {
        return fs.readFileSync(name, "latin1");
      } catch ({ code }) {
        return code;
      }
    })));
  }`;

describe.skipIf(process.getuid?.() !== 0)("another user", () => {
  const writes: [about: string, modes: { before?: number; mode?: number }][] = [
    ["a file that is the owner's alone", { before: 0o600 }],
    ["a file that is the group's", { before: 0o640 }],
    ["a new file with a mode", { mode: 0o600 }],
    ["a file that becomes private", { before: 0o644, mode: 0o600 }],
  ];
  it.each(writes)(
    "reads nothing of a write to %s",
    async (_about, { before, mode }) => {
      if (before !== undefined) {
        fs.writeFileSync(at("file"), "before");
        fs.chmodSync(at("file"), before);
      }
      const options = mode === undefined ? "{}" : `{ mode: ${mode} }`;
      await using writer = new Child(stopped("file", options), folder);
      await using other = new Child(reader, folder);
      expect(await writer.said()).toBe("half");
      expect(beside()).toHaveLength(1);
      expect(fs.readFileSync(at(beside()[0]!), "utf8")).toBe("secret half");
      other.send("read");
      const said = JSON.parse((await other.said())!) as string[];
      expect(said).toContain("EACCES");
      expect(said).not.toContain("secret half");
      writer.send("on");
      expect(await writer.said()).toBe("written");
      expect(fs.readFileSync(at("file"), "utf8")).toBe(
        "secret half and the other",
      );
    },
  );

  it("reads nothing of what a killed process leaves behind", async () => {
    fs.writeFileSync(at("file"), "before");
    fs.chmodSync(at("file"), 0o600);
    const writer = new Child(stopped("file"), folder);
    expect(await writer.said()).toBe("half");
    await writer.kill();
    expect(beside()).toHaveLength(1);
    await using other = new Child(reader, folder);
    other.send("read");
    expect(await other.said()).toBe('["EACCES","EACCES"]');
  });

  it("reads none of many small files that are written while it tries", async () => {
    fs.writeFileSync(at("file"), "before");
    fs.chmodSync(at("file"), 0o600);
    await using other = new Child(
      `${asNobody}
      let over = false;
      void heard().then(() => (over = true));
      let looks = 0;
      let read = 0;
      say("looking");
      while (!over) {
        for (let i = 0; i < 50; i++)
          for (const name of fs.readdirSync(".")) {
            looks++;
            try {
              fs.closeSync(fs.openSync(name));
              read++;
            } catch {}
          }
        await new Promise(setImmediate);
      }
      say(JSON.stringify({ looked: looks > 0, read }));`,
      folder,
    );
    expect(await other.said()).toBe("looking");
    for (let i = 0; i < 50; i++)
      await eio.writeFileAtomic(at("file"), `secret ${i}`);
    other.send("over");
    expect(await other.said()).toBe('{"looked":true,"read":0}');
  });
});

describe.skipIf(process.getuid?.() !== 0)("a user who is not root", () => {
  beforeEach(() => fs.chownSync(folder, NOBODY, NOBODY));

  type Write = [file: string, size: number, options: object];

  /** Writes each when it gets a line, and says what became of it. */
  const writer = (...writes: Write[]): Child =>
    new Child(
      `${asNobody}
      for (const [file, size, options] of ${JSON.stringify(writes)}) {
        if ((await heard()) === undefined) break;
        try {
          await eio.writeFileAtomic(file, Buffer.alloc(size, 1), options);
          say("written");
        } catch ({ code, syscall, path }) {
          say(code + " " + syscall + " " + path);
        }
      }
      process.exit();`,
      folder,
    );
  const next = (child: Child): Promise<string | undefined> => {
    child.send("next");
    return child.said();
  };

  it.each(todays(["600", "400", "444", "200", "0"], 3))(
    "writes small and large files of mode %s, new and again",
    async (mode) => {
      const writes = [10, 3 << 20].flatMap((size): Write[] => [
        [`file${size}`, size, { mode }],
        [`file${size}`, size, {}],
      ]);
      await using child = writer(...writes);
      for (const [name, size] of writes) {
        expect(await next(child)).toBe("written");
        const stats = fs.statSync(at(name));
        expect([(stats.mode & 0o7777).toString(8), stats.size]).toEqual([
          mode,
          size,
        ]);
      }
    },
  );

  it("changes nothing in a folder that cannot be opened for its fsync", async () => {
    fs.writeFileSync(at("file"), "before");
    fs.chmodSync(folder, 0o333);
    await using child = writer(
      ["file", 10, {}],
      ["file", 3 << 20, {}],
      ["file", 10, { durable: false }],
    );
    expect(await next(child)).toBe("EACCES open file");
    expect(await next(child)).toBe("EACCES open file");
    expect(fs.readdirSync(folder)).toEqual(["file"]);
    expect(fs.readFileSync(at("file"), "utf8")).toBe("before");
    expect(await next(child)).toBe("written");
  });

  it("takes over another user's file without giving its group to their own", async () => {
    fs.writeFileSync(at("file"), "before");
    fs.chmodSync(at("file"), 0o660);
    await using child = writer(["file", 10, {}], ["file", 3 << 20, {}]);
    for (let round = 0; round < 2; round++) {
      fs.chownSync(at("file"), 1, 2);
      fs.chmodSync(at("file"), 0o660);
      expect(await next(child)).toBe("written");
      const { uid, gid, mode } = fs.statSync(at("file"));
      expect([uid, gid, mode & 0o7777]).toEqual([NOBODY, NOBODY, 0o600]);
    }
  });
});
