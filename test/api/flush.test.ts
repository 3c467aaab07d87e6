// `flush: true` brings the data to the disk: what cannot be brought there refuses, as it does to node:fs. A device is
// such a thing, and fsync of it fails with EINVAL.
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";

const backends = Object.entries(listBackends())
  .filter(([name, { available }]) => available && name !== "null")
  .map(([name]) => name);

describe.each(backends)("on %s", (backend) => {
  const eio = createEio({ backend: backend as never });
  afterAll(() => eio.close());
  const refusal = {
    code: "EINVAL",
    syscall: "fsync",
    message: "EINVAL: invalid argument, fsync",
  };

  it.each([
    ["small", Buffer.alloc(10)],
    ["large", Buffer.alloc(3 << 20)],
    ["in pieces", [Buffer.alloc(10), Buffer.alloc(10)]],
  ])("writeFile syncs what is %s", async (_size, data) => {
    const write = (options: object): Promise<void> =>
      eio.promises.writeFile("/dev/null", data, options);
    await write({ flush: false });
    await expect(write({ flush: true })).rejects.toMatchObject(refusal);
  });

  it("appendFile syncs", async () => {
    const append = eio.promises.appendFile("/dev/null", "x", {
      flush: true,
    } as object);
    await expect(append).rejects.toMatchObject(refusal);
  });

  it("the callback form syncs", async () => {
    const error = await new Promise((resolve) =>
      eio.fs.writeFile("/dev/null", "x", { flush: true } as object, resolve),
    );
    expect(error).toMatchObject(refusal);
  });
});

it("is what node:fs does", () => {
  const fd = fs.openSync("/dev/null", "w");
  expect(() => fs.fsyncSync(fd)).toThrow("EINVAL: invalid argument, fsync");
  fs.closeSync(fd);
});
