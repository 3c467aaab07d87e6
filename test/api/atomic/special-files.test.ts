// What is no file, and has a name that others know it by: writeFileAtomic leaves it, where a rename would put a file in its place
// (/dev/null, for a program of root's).
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/index.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const large = Buffer.alloc(3 << 20);
const data = { small: "text", large, "in pieces": ["te", "xt"] };

describe.each(["threads", "pool", "node"] as const)("on %s", (backend) => {
  const eio = createEio({ backend });
  afterAll(() => eio.close());

  /** Rejects, and everything in the folder is what it was. */
  async function refuses(path: string): Promise<void> {
    const before = fs.readdirSync(folder.path).sort();
    const { ino } = fs.lstatSync(path);
    for (const content of Object.values(data))
      for (const durable of [true, false])
        await expect(
          eio.writeFileAtomic(path, content, { durable }),
        ).rejects.toMatchObject({
          ...{ code: "EINVAL", syscall: "rename", path },
          message: `EINVAL: invalid argument, rename '${path}'`,
        });
    expect(fs.lstatSync(path).ino).toBe(ino);
    expect(fs.readdirSync(folder.path).sort()).toEqual(before);
  }

  it("a FIFO stays what it is", async () => {
    const fifo = folder.join(`fifo of ${backend}`);
    execFileSync("mkfifo", [fifo]);
    await refuses(fifo);
    const link = folder.join(`link of ${backend}`);
    fs.symlinkSync(fifo, link);
    await refuses(link);
    expect(fs.lstatSync(fifo).isFIFO()).toBe(true);
  });

  it("a socket stays what it is", async () => {
    const path = folder.join(`socket of ${backend}`);
    const server = net.createServer().listen(path);
    await once(server, "listening");
    await refuses(path);
    server.close();
  });
});
