// Locks of a file system in user space that has none of its own: the kernel keeps them; and what waiting for one costs when the
// file system is dead.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEio, type Eio } from "../../../src/api/create.ts";
import { loadNative } from "../../../src/backends/native.ts";
import { testFolder } from "../../helpers/files.ts";
import {
  mountMortalFs,
  whyNoMortalFs,
  type MortalFs,
} from "../../helpers/mortal-fs.ts";
import { rejects, witness } from "../sys/witness.ts";

const whyNot = whyNoMortalFs();
if (whyNot !== null) console.log(`left out: locks on FUSE (${whyNot})`);
const folder = testFolder();

describe.skipIf(whyNot !== null || loadNative().addon === null)(
  "lock on a FUSE file system",
  () => {
    let mount: MortalFs;
    let eio: Eio;
    beforeAll(async () => {
      mount = await mountMortalFs();
      eio = createEio();
    });
    afterAll(async () => {
      await mount.command("go");
      await eio.close();
      await mount.end();
    });

    it("keeps other processes out", async () => {
      const file = mount.file(0);
      const F_WRLCK = 1;
      const others = (): number => witness("try_ofd", file, F_WRLCK, 0, 0);
      const lock = await eio.lock(file);
      expect(others()).toBe(-11);
      await lock.release();
      expect(others()).toBe(0);
    });

    it("ends at its deadline when the file system is dead, and lets others go on", async () => {
      await mount.command("swallow");
      const given = [1, 2].map((index) =>
        rejects(eio.lock(mount.file(index), { timeout: 50 }), {
          code: "ETIMEDOUT",
        }),
      );
      await (await eio.lock(folder.file("alive"))).release();
      await Promise.all(given);
    });
  },
);
