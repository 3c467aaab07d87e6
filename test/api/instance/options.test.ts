// The options of an instance and of a call: what is taken, and how the rest is refused.
import { describe, expect, it } from "vitest";
import { createEio, eio } from "../../../src/api/create.ts";
import { turn } from "../../helpers/engine.ts";
import type { BackendName } from "../../../src/backends/backend.ts";

describe("createEio", () => {
  it.each([
    { minParallel: -1 },
    { maxParallel: 1.5 },
    { maxParallel: 5000 },
    { idleTimeoutMs: NaN },
    { slots: 100 },
    { slots: 8 },
    { arenaBytes: 100 },
    { lingerUs: "1" as never },
    { maxPollReqs: -3 },
    { poll: "always" as never },
    { poll: "manual" as const, wantPoll: 1 as never },
    { donePoll: () => {} },
  ])("refuses %o", (options) => {
    expect(() => createEio(options)).toThrow(
      expect.objectContaining({ code: "ERR_EIO_INVALID_OPTION" }) as Error,
    );
  });

  it("refuses an unavailable backend, with the reason", () => {
    for (const [name, probe] of Object.entries(eio.backends))
      if (!probe.available)
        expect(() => createEio({ backend: name as BackendName })).toThrow(
          expect.objectContaining({
            code: "ERR_EIO_BACKEND_UNAVAILABLE",
            message: expect.stringContaining(probe.reason) as string,
          }) as Error,
        );
    expect(() => createEio({ backend: "toString" as never })).toThrow(
      /there is no such backend/,
    );
  });

  it("lists the available backends, and why the others are not", async () => {
    const eio = createEio();
    expect(eio.backends.pool).toEqual({ available: true });
    expect(eio.backends[eio.backend as "pool"]).toEqual({ available: true });
    for (const probe of Object.values(eio.backends))
      if (!probe.available) expect(probe.reason).toEqual(expect.any(String));
    await eio.close();
  });

  it.skipIf(!eio.backends.threads.available)(
    "keeps no idle thread after the idle time, native ones starting within microseconds",
    async () => {
      const own = createEio({ backend: "threads", idleTimeoutMs: 1 });
      for (let i = 0; i < 2; i++) {
        await own.promises.stat("/");
        while (own.nthreads !== 0) await turn();
      }
      const pool = createEio({ backend: "pool" });
      expect([own.limits.maxIdle, pool.limits.maxIdle]).toEqual([0, 4]);
      await Promise.all([own.close(), pool.close()]);
    },
  );

  it("refuses requests once closed, and may be closed twice", async () => {
    const eio = createEio();
    await eio.nop();
    await Promise.all([eio.close(), eio.close()]);
    await expect(eio.promises.stat("/")).rejects.toMatchObject({
      code: "ERR_EIO_CLOSED",
    });
    expect(() => eio.fs.stat("/", () => {})).toThrow(/closed/);
  });
});

describe("the options of a call", () => {
  const eio = createEio({ maxParallel: 1 });

  it.each([
    [{ priority: 5 }, "ERR_OUT_OF_RANGE"],
    [{ priority: 0.5 }, "ERR_OUT_OF_RANGE"],
    [{ priority: "high" }, "ERR_INVALID_ARG_TYPE"],
    [{ timeout: -1 }, "ERR_OUT_OF_RANGE"],
    [{ timeout: NaN }, "ERR_OUT_OF_RANGE"],
    [{ timeout: "1" }, "ERR_INVALID_ARG_TYPE"],
    [{ signal: {} }, "ERR_INVALID_ARG_TYPE"],
    [{ signal: null }, "ERR_INVALID_ARG_TYPE"],
  ])("%o is refused", async (options, code) => {
    const given = options as never;
    await expect(eio.promises.stat("/", given)).rejects.toMatchObject({ code });
    await expect(
      (eio.promises.unlink as (...args: unknown[]) => Promise<void>)(
        "/none",
        given,
      ),
    ).rejects.toMatchObject({ code });
  });

  it("a signal that fired before the call ends it before it begins", async () => {
    const signal = AbortSignal.abort("early");
    await expect(
      eio.promises.stat("/", { signal } as never),
    ).rejects.toMatchObject({ name: "AbortError", cause: "early" });
    const failure = new Promise((resolve) =>
      eio.fs.readFile("/etc/hostname", { signal }, (error) => resolve(error)),
    );
    expect(await failure).toMatchObject({ name: "AbortError", cause: "early" });
  });
});
