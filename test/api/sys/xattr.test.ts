// Extended attributes, against python's view of the same files.
import fs from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { pattern, places, rejects, witness } from "./witness.ts";

const eio = createEio({ maxParallel: 2 });
const { sys } = eio;
const { constants } = sys;
const here = places();
afterAll(() => eio.close());

/** Whether the file system, and the user, can have the attribute that python sets. */
const can = (path: string, name: string, follow = true): boolean =>
  witness<unknown>("setxattr", path, name, "00", follow) === null;

describe.skipIf(loadNative().addon === null).each(here)("on $type", (place) => {
  it("sets, gets, lists and removes", async (test) => {
    const path = place.file("file", "data");
    if (!can(path, "user.probe")) return test.skip("no user attributes here");
    const file = await eio.promises.open(path, "r+");
    const values = [Buffer.alloc(0), Buffer.from("text"), pattern(1000)];
    for (const target of [path, file, file.fd])
      for (const value of values) {
        await sys.setxattr(target, "user.eio", value);
        expect(witness("getxattr", path, "user.eio", true)).toBe(
          value.toString("hex"),
        );
        expect((await sys.getxattr(target, "user.eio")).equals(value)).toBe(
          true,
        );
        expect((await sys.listxattr(target)).sort()).toEqual(
          witness("listxattr", path, true),
        );
        await sys.removexattr(target, Buffer.from("user.eio"));
        expect(await sys.listxattr(target)).not.toContain("user.eio");
      }
    await sys.setxattr(path, "user.ä", "ö");
    expect(await sys.listxattr(path)).toContain("user.ä");
    expect((await sys.getxattr(path, "user.ä")).toString()).toBe("ö");
    await file.close();
  });

  it("fails as the system does", async () => {
    const path = place.file("other", "data");
    const file = await eio.promises.open(path, "r+");
    await rejects(sys.getxattr(path, "user.none"), {
      code: "ENODATA",
      errno: -61,
      syscall: "getxattr",
      path,
    });
    await rejects(sys.removexattr(file, "user.none"), {
      message: "ENODATA: no data available, fremovexattr",
    });
    const { XATTR_REPLACE, XATTR_CREATE } = constants;
    await rejects(
      sys.setxattr(path, "user.none", "x", { flags: XATTR_REPLACE }),
      { code: "ENODATA", path },
    );
    await sys.setxattr(path, "user.there", "1", { flags: XATTR_CREATE });
    await rejects(
      sys.setxattr(file, "user.there", "2", { flags: XATTR_CREATE }),
      { code: "EEXIST", syscall: "fsetxattr" },
    );
    await sys.setxattr(path, "user.there", "2", { flags: XATTR_REPLACE });
    expect(String(await sys.getxattr(file, "user.there"))).toBe("2");
    await rejects(sys.setxattr(path, "user.large", Buffer.alloc(70_000)), {
      code: "E2BIG",
    });
    await rejects(sys.getxattr(path, `user.${"n".repeat(300)}`), {
      code: "ERANGE",
    });
    await rejects(sys.getxattr(path, ""), { code: "ERANGE" });
    await rejects(sys.setxattr(path, "nonsense.x", ""), { code: "ENOTSUP" });
    await rejects(sys.listxattr(place.join("none")), { code: "ENOENT" });
    await file.close();
  });

  it("keeps those of a link apart from its target's", async (test) => {
    const path = place.join("link");
    place.file("target", "data");
    fs.symlinkSync("target", path);
    const own = { followLinks: false };
    await rejects(sys.setxattr(path, "user.x", "", own), { code: "EPERM" });
    await sys.setxattr(path, "user.x", "by the link");
    expect(String(await sys.getxattr(place.join("target"), "user.x"))).toBe(
      "by the link",
    );
    expect(await sys.listxattr(path, own)).not.toContain("user.x");
    if (!can(path, "trusted.eio", false)) return test.skip("only root may");
    await sys.setxattr(path, "trusted.eio", "link", own);
    expect(witness("getxattr", path, "trusted.eio", false)).toBe("6c696e6b");
    expect(String(await sys.getxattr(path, "trusted.eio", own))).toBe("link");
    await sys.removexattr(path, "trusted.eio", own);
    await rejects(sys.getxattr(path, "trusted.eio", own), { code: "ENODATA" });
  });
});
