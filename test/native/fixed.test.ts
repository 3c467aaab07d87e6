// Memory of alloc() that is registered with the ring: direct transfers of it bring what they should, only
// what is used is registered, and where it cannot be everything works as well and says why.
import { fault, noFaults, noMoreFaults, struck } from "../helpers/faults.ts";
import fs from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import { listBackends } from "../../src/backends/select.ts";
import { pattern } from "../helpers/bytes.ts";
import { testFolder } from "../helpers/files.ts";

const ENOMEM = -12;
const EINVAL = -22;
const BLOCK = 4096;
/** Enough to be of several parts, and to be many at once. */
const PIECES_MAX = 768;
const folder = testFolder();
const content = pattern(3 << 20);
const file = folder.file("data", content);

let eio: Eio | undefined;
afterEach(async () => {
  noMoreFaults();
  await eio?.close();
  eio = undefined;
});

/** Parts that the rings of this process have registered, as the kernel reports them. */
function registered(): number {
  return fs
    .readdirSync("/proc/self/fd")
    .map((fd) => {
      try {
        return /io_uring/.test(fs.readlinkSync(`/proc/self/fd/${fd}`))
          ? fs.readFileSync(`/proc/self/fdinfo/${fd}`, "latin1")
          : "";
      } catch {
        return "";
      }
    })
    .join("")
    .split("\n")
    .filter((line) => /^ *\d+: 0x[0-9a-f]+\/1048576$/.test(line)).length;
}

/** Reads the file in pieces, many at once, writes it elsewhere, and reads that. */
async function copyAround(bytes: number): Promise<void> {
  const source = await eio!.openDirect(file);
  const target = await eio!.openDirect(folder.join("copy"), "w+");
  const pieces = Math.min(Math.floor(content.length / bytes), PIECES_MAX);
  await Promise.all(
    Array.from({ length: pieces }, async (_, i) => {
      const buffer = eio!.alloc(bytes);
      await source.read(buffer, 0, bytes, i * bytes);
      const wanted = content.subarray(i * bytes, (i + 1) * bytes);
      expect(buffer.equals(wanted)).toBe(true);
      await target.write(buffer, 0, bytes, i * bytes);
      buffer.fill(0);
      await target.read(buffer, 0, bytes, i * bytes);
      expect(buffer.equals(wanted)).toBe(true);
      eio!.release(buffer);
    }),
  );
  await source.close();
  await target.close();
}

const how = (): string | undefined => eio!.why("read").how.uring;
const { uring } = listBackends();
const skip = noFaults ?? (uring.available ? null : uring.reason);

describe.skipIf(skip !== null)("alloc() on the ring", () => {
  it("registers what direct transfers use, and no more", async () => {
    const before = registered();
    eio = createEio({ backend: "uring", allocBytes: 64 << 20 });
    await eio.promises.readFile(file);
    const handle = await eio.promises.open(file);
    await handle.read(Buffer.alloc(BLOCK), 0, BLOCK, 0);
    await handle.close();
    expect(registered()).toBe(before);
    await copyAround(BLOCK);
    const used = registered() - before;
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThan(8);
    await copyAround(BLOCK);
    expect(registered() - before).toBe(used);
    expect(how()).toContain("register");
    await eio.close();
    expect(registered()).toBe(before);
  });

  it.each([512, 8192, 65_536, 1 << 20, 3 << 20])(
    "transfers %d bytes where they belong",
    async (bytes) => {
      eio = createEio({ backend: "uring" });
      await copyAround(bytes);
    },
  );

  it("works without registration where memory may not be locked", async () => {
    eio = createEio({ backend: "uring" });
    fault("ring_register", ENOMEM, 1 << 30);
    await copyAround(BLOCK);
    expect(struck("ring_register")).toBe(1);
    expect(how()).toMatch(/not registered, io_uring_register: ENOMEM/);
  });

  it("goes on with what is registered when there is no more", async () => {
    const before = registered();
    eio = createEio({ backend: "uring" });
    fault("ring_register", ENOMEM, 1 << 30, 1);
    await copyAround(65_536);
    expect(registered() - before).toBe(1);
    expect(struck("ring_register")).toBe(1);
  });

  it("works without registration on a kernel that lacks empty tables of buffers", async () => {
    const before = registered();
    // The probe and the event descriptor are registered first.
    fault("ring_register", EINVAL, 1, 2);
    eio = createEio({ backend: "uring" });
    expect(struck("ring_register")).toBe(1);
    await copyAround(BLOCK);
    expect(registered()).toBe(before);
    expect(how()).toMatch(/not registered, io_uring_register: EINVAL/);
  });
});
