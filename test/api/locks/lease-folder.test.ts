// The files of a lease lock on a file system that says another thing than EEXIST, as SSHFS does.
import fs from "node:fs";
import { afterAll, expect, it } from "vitest";
import { createEio } from "../../../src/api/create.ts";
import { plan } from "../../../src/api/faults/plan.ts";
import { LeaseFolder } from "../../../src/api/locks/lease-folder.ts";
import { testFolder } from "../../helpers/folder.ts";

const folder = testFolder();
const faults = plan({ rules: [{ op: "spew", then: { error: "EPERM" } }] });
const eio = createEio({ faults });
afterAll(() => eio.close());
const generations = (): LeaseFolder =>
  new LeaseFolder(eio.promises, folder.path, {}, false);

it("has lost against the holder whose file is there, when the file system refuses with EPERM", async () => {
  fs.writeFileSync(folder.join("0000000000000007"), "held");
  expect(await generations().create(7, "mine")).toBe(false);
  expect(fs.readFileSync(folder.join("0000000000000007"), "utf8")).toBe("held");
});

it("fails with EPERM where there is no such file: nothing may be made there at all", async () => {
  await expect(generations().create(8, "mine")).rejects.toMatchObject({
    code: "EPERM",
  });
});
