// sendFile where the system's calls are broken off, send little, find the socket full or the cache empty:
// whoever receives gets every byte once, in order.
import { noFaults, fault, noMoreFaults, struck } from "../helpers/faults.ts";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createEio } from "../../src/api/create.ts";
import { descriptorsBelow, testFolder } from "../helpers/files.ts";
import { connect, drain } from "../helpers/raw-http.ts";

const [EINTR, EIO, EAGAIN, EPIPE] = [-4, -5, -11, -32] as const;
const ALWAYS = 1 << 30;

const folder = testFolder();
const content = Buffer.alloc(1_500_007, "0123456789abcdef!");
const file = folder.file("file", content);
const eio = createEio({ maxParallel: 2 });
afterEach(noMoreFaults);
afterAll(() => eio.close());

/** What comes out at the other end, and what became of the promise. */
async function send(): Promise<[Buffer | null, PromiseSettledResult<number>]> {
  let outcome: Promise<PromiseSettledResult<number>[]> | undefined;
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    outcome = Promise.allSettled([
      eio.sendFile(socket, file, { finish: true }),
    ]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const got = await drain(connect(port)).catch(() => null);
  server.close();
  return [got, (await outcome!)[0]!];
}

async function allOfItCame(): Promise<void> {
  const [got, outcome] = await send();
  expect(outcome).toEqual({ status: "fulfilled", value: content.length });
  expect(got!.equals(content)).toBe(true);
}

describe.skipIf(noFaults)("a file is sent whole where", () => {
  it("each call sends a little", async () => {
    fault("sendfile", 1000, ALWAYS);
    await allOfItCame();
    expect(struck("sendfile")).toBeGreaterThan(1000);
  });

  it("signals break calls off", async () => {
    fault("sendfile", EINTR, 5);
    await allOfItCame();
    expect(struck("sendfile")).toBe(5);
  });

  it("the socket is full again and again", async () => {
    fault("sendfile", EAGAIN, 20);
    await allOfItCame();
    expect(struck("sendfile")).toBe(20);
  });

  it("nothing is in the page cache: a worker sends it", async () => {
    fault("read_nowait", EAGAIN, ALWAYS);
    const before = eio.stats().ops.sendfile?.submitted ?? 0;
    // No limit: the calls are counted.
    fault("sendfile", ALWAYS, ALWAYS);
    await allOfItCame();
    const calls = struck("sendfile");
    expect(calls).toBeGreaterThan(0);
    expect(eio.stats().ops.sendfile!.submitted - before).toBe(calls);
  });

  it("some of it is in the page cache", async () => {
    fault("read_nowait", EAGAIN, ALWAYS, 7);
    await allOfItCame();
  });
});

describe.skipIf(noFaults)("a failure", () => {
  it.each([
    [EIO, "EIO"],
    [EPIPE, "EPIPE"],
  ])(
    "%i is reported, the socket destroyed, and nothing stays open",
    async (errno, code) => {
      fault("sendfile", errno, 1, 1);
      const [got, outcome] = await send();
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code, errno, syscall: "sendfile" },
      });
      expect((got?.length ?? 0) < content.length).toBe(true);
      while (descriptorsBelow(folder.path).length > 0)
        await new Promise(setImmediate);
    },
  );
});
