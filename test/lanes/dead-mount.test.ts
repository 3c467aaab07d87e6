// A mounted file system that stops responding, with more requests on it than it may have: everything
// else goes on, a timeout ends its calls in time, and the process can exit. What goes on is checked
// to complete while the others hang; how fast is measured by bench/dead-mount.mjs.
import { spawn } from "node:child_process";
import dns from "node:dns/promises";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../src/api/create.ts";
import type { EioOptions } from "../../src/api/instance/options.ts";
import type { StuckRequest } from "../../src/api/observe/stuck-request.ts";
import { loadNative } from "../../src/backends/native.ts";
import { listBackends } from "../../src/backends/select.ts";
import type { BackendName } from "../../src/backends/backend.ts";
import { bundle } from "../helpers/bundle.mjs";
import { until } from "../helpers/engine.ts";
import { testFolder } from "../helpers/files.ts";
import {
  mountMortalFs,
  whyNoMortalFs,
  type MortalFs,
} from "../helpers/mortal-fs.ts";

const native = loadNative() as { addon: unknown; file: string };
const whyNot = whyNoMortalFs();
if (whyNot !== null) console.log(`left out: dead mounts (${whyNot})`);
const folder = testFolder();
const alive = folder.file("alive", Buffer.alloc(4096, 7));
const HUNG = 40;

const backends = (["pool", "nowait", "uring"] as BackendName[]).filter(
  (name) => {
    const probe = listBackends()[name];
    if (!probe.available)
      console.log(`left out: a dead mount with ${name} (${probe.reason})`);
    return probe.available;
  },
);

describe.skipIf(whyNot !== null)("a dead mount", () => {
  let mount: MortalFs;
  const open = new Set<Eio>();
  beforeAll(async () => {
    mount = await mountMortalFs();
  });
  afterEach(async () => {
    await mount.command("go");
    await Promise.all([...open].map((eio) => eio.close()));
    open.clear();
  });
  afterAll(() => mount.end());

  function make(options: EioOptions): Eio {
    const eio = createEio(options);
    open.add(eio);
    return eio;
  }

  /** Names and attributes are in the kernel's memory then, and a handle is open. */
  async function used(eio: Eio) {
    await eio.statMany([mount.file(0), mount.file(1)]);
    await eio.promises.readFile(mount.file(1));
    return eio.promises.open(mount.file(2));
  }

  it.each(backends)("holds only its own workers (%s)", async (backend) => {
    const eio = make({ backend, isolateMounts: true, maxParallel: 2 });
    const handle = await used(eio);
    await mount.command("stop");
    const hung = Array.from({ length: HUNG }, (_, i) => [
      eio.promises.stat(mount.file(3 + (i % 60))),
      eio.promises.readFile(mount.file(3 + (i % 60))),
      handle.read(Buffer.alloc(100), 0, 100, 0),
    ]).flat();
    let ended = 0;
    for (const request of hung) void request.then(() => ended++);
    const lane = () => eio.lanes.find(({ name }) => name === mount.path)!;
    await until(() => lane().inFlight === 4);

    const reads = Array.from({ length: 300 }, () =>
      eio.promises.readFile(alive),
    );
    for (const data of await Promise.all(reads))
      expect(data).toHaveLength(4096);
    expect(
      (await eio.statMany([alive, folder.path])).map((one) => one.status),
    ).toEqual(["fulfilled", "fulfilled"]);
    await eio.promises.writeFile(folder.join("new"), Buffer.alloc(200_000));
    expect((await dns.lookup("localhost")).address).toMatch(/^(127|::1)/);
    expect(await served(eio, alive)).toHaveLength(4096);

    expect(ended).toBe(0);
    expect(lane()).toMatchObject({ inFlight: 4, maxParallel: 4 });
    await mount.command("go");
    await Promise.all(hung);
    await handle.close();
  });

  it.each(backends)(
    "holds up no loop, without lanes either (%s)",
    async (backend) => {
      const eio = make({ backend });
      const handle = await used(eio);
      await mount.command("stop");
      const given = { timeout: 50 };
      for (const request of [
        () => eio.promises.stat(mount.file(1), given),
        () => eio.promises.lstat(mount.file(0), given),
        () => eio.promises.readFile(mount.file(1), given),
        () => handle.read(Buffer.alloc(100), 0, 100, 0, given as never),
      ]) {
        await expect(request()).rejects.toMatchObject({ code: "ETIMEDOUT" });
        expect(await eio.promises.readFile(alive)).toHaveLength(4096);
      }
      await mount.command("go");
      await handle.close();
    },
  );

  it.each(["threads", "pool"] as const)(
    "keeps a handle open until what was given up lets go of it (%s)",
    async (backend) => {
      const eio = make({ backend });
      const handle = await used(eio);
      await mount.command("stop");
      const reading = handle.read(Buffer.alloc(100), 0, 100, 0, {
        timeout: 50,
      } as never);
      await expect(reading).rejects.toMatchObject({ code: "ETIMEDOUT" });
      let closed = false;
      const closing = handle.close().then(() => (closed = true));
      expect(await eio.promises.readFile(alive)).toHaveLength(4096);
      expect(closed).toBe(false);
      await mount.command("go");
      await closing;
    },
  );

  it.each(["threads", "pool"] as const)(
    "keeps neither an instance nor what waits for it from closing (%s)",
    async (backend) => {
      const eio = make({ backend, minParallel: 2 });
      const handle = await used(eio);
      const own = handle.fd;
      const fd = fs.openSync(mount.file(4), "r");
      await mount.command("stop");
      const ending = new AbortController();
      const given = { signal: ending.signal };
      const buffer = Buffer.alloc(100);
      const reading = [
        handle.read(buffer, 0, 100, 0, given as never),
        promisify(eio.fs.read)(fd, { buffer, ...given } as never),
      ];
      await until(() => eio.nready === 0);
      ending.abort();
      for (const one of reading)
        await expect(one).rejects.toMatchObject({ name: "AbortError" });
      const closing = [handle.close(), promisify(eio.fs.close)(fd)];
      const settled = Promise.allSettled(closing);
      await eio.close();
      // The handle is ours, and is closed when the mount responds; the number stays its user's.
      expect(await settled).toEqual([
        { status: "fulfilled", value: undefined },
        {
          status: "rejected",
          reason: expect.objectContaining({ code: "ABORT_ERR" }) as Error,
        },
      ]);
      await mount.command("go");
      await until(() => !isOpen(own));
      fs.closeSync(fd);
    },
  );

  it.each(["threads", "pool"] as const)(
    "holds a handle of a group, too, until its close (%s)",
    async (backend) => {
      const eio = make({ backend });
      await used(eio).then((handle) => handle.close());
      const group = eio.group();
      const handle = await group.promises.open(mount.file(2));
      await mount.command("stop");
      const reading = handle.read(Buffer.alloc(100), 0, 100, 0, {
        timeout: 50,
      } as never);
      await expect(reading).rejects.toMatchObject({ code: "ETIMEDOUT" });
      const closing = handle.close();
      await mount.command("go");
      await closing;
      await group.close();
    },
  );

  it("is reported as stuck, with its path, once for each request", async () => {
    const eio = make({
      backend: "pool",
      isolateMounts: true,
      stuckAfterMs: 100,
    });
    const handle = await used(eio);
    const reported: StuckRequest[] = [];
    eio.on("stuck", (request) => reported.push(request));
    await mount.command("stop");
    const hung = [
      eio.promises.stat(mount.file(5)),
      handle.read(Buffer.alloc(100), 0, 100, 0),
    ];
    await until(() => reported.length === 2);
    const common = {
      lane: mount.path,
      backend: "pool",
      priority: 0,
      abandoned: false,
    };
    expect(reported.sort((a, b) => (a.op < b.op ? 1 : -1))).toEqual([
      {
        op: "stat",
        path: mount.file(5),
        ...common,
        ageMs: expect.any(Number) as number,
      },
      {
        op: "read",
        path: mount.file(2),
        fd: handle.fd,
        ...common,
        ageMs: expect.any(Number) as number,
      },
    ]);
    expect(reported.every(({ ageMs }) => ageMs >= 100)).toBe(true);
    expect(eio.stuck()).toHaveLength(2);
    await mount.command("go");
    await Promise.all(hung);
    await until(() => eio.stuck().length === 0);
    expect(reported).toHaveLength(2);
    await handle.close();
  });

  it("holds the workers of many mounts no more than its own", async () => {
    const other = await mountMortalFs();
    try {
      const eio = make({
        backend: "pool",
        isolateMounts: true,
        maxParallel: 1,
      });
      await eio.statMany([mount.file(0), other.file(0)]);
      await Promise.all([mount.command("stop"), other.command("stop")]);
      const hung = [mount, other].flatMap((one) =>
        Array.from({ length: HUNG }, (_, i) =>
          eio.promises.stat(one.file(10 + i)),
        ),
      );
      await until(
        () => eio.lanes.filter(({ inFlight }) => inFlight === 4).length === 2,
      );
      expect(await eio.promises.readFile(alive)).toHaveLength(4096);
      await other.command("go");
      await Promise.all(hung.slice(HUNG));
      await mount.command("go");
      await Promise.all(hung);
    } finally {
      await other.end();
    }
  });

  it.skipIf(native.addon === null)(
    "does not keep a process from exiting",
    async () => {
      const program = bundle("test/helpers/leaving.ts");
      await mount.command("stop");
      const child = spawn(process.execPath, [program, "exit", mount.file(20)], {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, NODE_EIO_NATIVE: native.file },
      });
      const code = await new Promise((resolve) => child.once("close", resolve));
      expect(code).toBe(7);
    },
  );
});

function isOpen(fd: number): boolean {
  try {
    return fs.fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** The response of an HTTP server that reads a file for each request. */
async function served(eio: Eio, file: string): Promise<Buffer> {
  const server = http.createServer((_request, response) => {
    void eio.promises.readFile(file).then((data) => response.end(data));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const response = await fetch(`http://127.0.0.1:${port}`);
    return Buffer.from(await response.arrayBuffer());
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
