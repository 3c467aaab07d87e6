// Profiles: that one changes where ops go and what an instance is given, and that what is wrong in
// one is named before anything is used.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { readOptions } from "../../../src/api/instance/options.ts";
import type { EioProfile } from "../../../src/api/instance/profile.ts";
import { listBackends } from "../../../src/backends/select.ts";
import { testFolder } from "../../helpers/files.ts";

const folder = testFolder();
const withLanes = listBackends().nowait.available;

afterEach(() => vi.unstubAllEnvs());

describe("a profile", () => {
  it("changes the route of an op, and why() says so", async (context) => {
    if (!withLanes) return context.skip("no native code: no lanes to choose");
    vi.stubEnv("NODE_EIO_BACKEND", "");
    const plain = createEio({ backend: "nowait" });
    expect(plain.why("stat").goes).toEqual(["nowait", "threads", "pool"]);
    await plain.close();

    const profile = { format: 1, routes: { stat: ["pool"] } } as const;
    const eio = createEio({
      backend: "nowait",
      profile: profile as unknown as EioProfile,
    });
    const { goes, not } = eio.why("stat");
    expect(goes).toEqual(["threads", "pool"]);
    expect(not.nowait).toBe("the profile leaves it to others");
    expect(eio.why("slurp").goes).toEqual(["nowait", "threads", "pool"]);
    // And that is where it runs: only a thread has run it.
    expect(eio.nthreads).toBe(0);
    expect((await eio.promises.stat(folder.path)).isDirectory()).toBe(true);
    expect(eio.nthreads).toBeGreaterThan(0);
    await eio.close();
  });

  it("orders lanes, and cannot give an op to one that lacks it", async (context) => {
    if (!listBackends().uring.available)
      return context.skip("io_uring is not available");
    const routes: EioProfile["routes"] = {
      read: ["nowait", "uring"],
      stat: ["uring", "pool"],
    };
    const eio = createEio({
      backend: "uring",
      profile: { format: 1, routes },
    });
    expect(eio.why("read").goes).toEqual([
      "nowait",
      "uring",
      "threads",
      "pool",
    ]);
    expect(eio.why("stat").goes).toEqual(["threads", "pool"]);
    await eio.close();
  });

  it.each(["pool", "nowait"] as const)(
    "names what auto takes: %s",
    async (backend) => {
      vi.stubEnv("NODE_EIO_BACKEND", "");
      const profile: EioProfile = { format: 1, backend };
      const eio = createEio({ profile });
      expect(eio.backend).toBe(
        listBackends()[backend].available ? backend : "pool",
      );
      await eio.close();
      const chosen = createEio({ profile, backend: "null" });
      expect(chosen.backend).toBe("null");
      await chosen.close();
    },
  );

  it("passes over an unavailable backend", () => {
    const script = `const { createEio } = await import(${JSON.stringify(path.resolve("dist/index.js"))});
      const eio = createEio({ profile: { format: 1, backend: "uring" } });
      console.log(eio.backend, eio.why("read").goes.join());`;
    const { stdout } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", script],
      {
        encoding: "utf8",
        env: { ...process.env, NODE_EIO_NATIVE: "off", NODE_EIO_BACKEND: "" },
      },
    );
    expect(stdout).toBe("pool pool\n");
  });

  it("sets options, which explicit ones override", () => {
    const profile: EioProfile = {
      format: 1,
      options: { lingerUs: 7, loopLingerUs: 8, maxParallel: 3 },
    };
    const read = readOptions({ profile, maxParallel: 5 });
    expect(read.limits).toMatchObject({ lingerUs: 7, maxParallel: 5 });
    expect(read.engine.loopLingerUs).toBe(8);
  });

  it("hands the ring its threshold, and reads on both sides of it are right", async (context) => {
    if (!listBackends().uring.available)
      return context.skip("io_uring is not available");
    const data = Buffer.alloc(1 << 16, "abcdefg");
    const file = folder.file("data", data);
    for (const asyncMinBytes of [4096, 1 << 18]) {
      const eio = createEio({
        backend: "uring",
        profile: { format: 1, asyncMinBytes },
      });
      const handle = await eio.promises.open(file);
      for (const bytes of [4095, 4096, 8192, 1 << 16]) {
        const buffer = Buffer.alloc(bytes);
        await Promise.all([
          handle.read(buffer, 0, bytes, 0),
          handle.read(Buffer.alloc(bytes), 0, bytes, 0),
        ]);
        expect(buffer.equals(data.subarray(0, bytes))).toBe(true);
      }
      await handle.close();
      await eio.close();
    }
  });

  it("is read from a file", () => {
    const file = folder.file(
      "eio-profile.json",
      JSON.stringify({
        format: 1,
        about: { cpu: "x" },
        options: { lingerUs: 9 },
      }),
    );
    expect(readOptions({ profile: file }).limits.lingerUs).toBe(9);
  });
});

describe("a wrong profile", () => {
  const cases: [what: string, profile: unknown, says: RegExp][] = [
    [
      "no object",
      5,
      /^Option "profile" must be a path or an object\. Received 5 /,
    ],
    ["a list", [], /"profile" must be a path or an object/],
    [
      "no file",
      "/missing/profile.json",
      /"profile" must be a file of JSON\. Received \/missing\/profile\.json \(ENOENT/,
    ],
    ["no format", {}, /"profile\.format" must be 1\. Received undefined/],
    [
      "a later format",
      { format: 2 },
      /"profile\.format" must be 1\. Received 2/,
    ],
    [
      "an unknown field",
      { format: 1, route: {} },
      /"profile\.route"; did you mean "profile\.routes"\?/,
    ],
    [
      "no backend",
      { format: 1, backend: "io" },
      /"profile\.backend" must be one of uring, .*Received 'io'/,
    ],
    [
      "an op that is none",
      { format: 1, routes: { toString: [] } },
      /"profile\.routes\.toString" must be an op/,
    ],
    [
      "an op that is misspelt",
      { format: 1, routes: { stta: ["pool"] } },
      /"profile\.routes\.stta" must be an op of the table \(did you mean "stat"\?\)/,
    ],
    [
      "a lane that is none",
      { format: 1, routes: { stat: ["null"] } },
      /"profile\.routes\.stat" must be a list of/,
    ],
    [
      "a route of text",
      { format: 1, routes: { stat: "pool" } },
      /"profile\.routes\.stat" must be a list of/,
    ],
    [
      "the pool in front",
      { format: 1, routes: { stat: ["pool", "nowait"] } },
      /with the pool at its end/,
    ],
    [
      "a threshold of 0",
      { format: 1, asyncMinBytes: 0 },
      /"profile\.asyncMinBytes" must be an integer from 1 to 262144/,
    ],
    [
      "a threshold beyond a turn",
      { format: 1, asyncMinBytes: 1 << 20 },
      /asyncMinBytes/,
    ],
    [
      "an option of another kind",
      { format: 1, options: { slots: 64 } },
      /no option "profile\.options\.slots"; there are: lingerUs, /,
    ],
    [
      "an option out of range",
      { format: 1, options: { lingerUs: -1 } },
      /"lingerUs" must be an integer/,
    ],
    [
      "options that are none",
      { format: 1, options: 3 },
      /"profile\.options" must be an object/,
    ],
    [
      "about that is no object",
      { format: 1, about: "me" },
      /"profile\.about" must be an object/,
    ],
  ];
  it.each(cases)("%s is refused", (_what, profile, says) => {
    const error = { code: "ERR_EIO_INVALID_OPTION", name: "TypeError" };
    expect(() => createEio({ profile: profile as EioProfile })).toThrow(
      expect.objectContaining({
        ...error,
        message: expect.stringMatching(says) as string,
      }) as Error,
    );
  });

  it("that is not JSON is refused with its file name", () => {
    const file = folder.file("broken.json", "{ format: 1");
    expect(() => createEio({ profile: file })).toThrow(
      /must be a file of JSON\. Received .*broken\.json \(/,
    );
    expect(fs.existsSync(file)).toBe(true);
  });
});
