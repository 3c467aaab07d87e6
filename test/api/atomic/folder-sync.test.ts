// Group commit, with an engine of the test's own that says when an fsync ends.
import { describe, expect, it } from "vitest";
import { FolderSync } from "../../../src/api/atomic/folder-sync.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Request } from "../../../src/request/request.ts";

function setUp() {
  const submitted: Request[] = [];
  const engine = { submit: (request: Request) => void submitted.push(request) };
  const folders = new FolderSync(() => engine as unknown as Engine);
  const end = (result = 0): void => {
    const request = submitted.shift()!;
    request.result = result;
    request.settle(request);
  };
  return { submitted, folders, end };
}

const folder = (name: string): Uint8Array => Buffer.from(name);
const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

describe("the fsync of a folder", () => {
  it("is shared by all callers that come while another runs", async () => {
    const { submitted, folders, end } = setUp();
    const settled: string[] = [];
    void folders.sync(folder("/a/")).then(() => settled.push("first"));
    expect(submitted).toHaveLength(1);
    const late = Array.from({ length: 50 }, () => folders.sync(folder("/a/")));
    void Promise.all(late).then(() => settled.push("late"));
    expect(submitted).toHaveLength(1);
    end();
    await turns();
    expect(settled).toEqual(["first"]);
    expect(submitted).toHaveLength(1);
    end();
    await turns();
    expect(settled).toEqual(["first", "late"]);
    expect(submitted).toHaveLength(0);
  });

  it("never counts one that began before the call", async () => {
    const { submitted, folders, end } = setUp();
    void folders.sync(folder("/a/"));
    void folders.sync(folder("/a/"));
    end();
    await turns();
    let done = false;
    void folders.sync(folder("/a/")).then(() => (done = true));
    end();
    await turns();
    expect(done).toBe(false);
    end();
    await turns();
    expect(done).toBe(true);
    expect(submitted).toHaveLength(0);
  });

  it("is independent of that of another folder", () => {
    const { submitted, folders } = setUp();
    void folders.sync(folder("/a/"));
    void folders.sync(folder("/b/"));
    expect(submitted.map(({ path }) => String(path))).toEqual(["/a/", "/b/"]);
  });

  it("fails for those who waited for it, and for no later caller", async () => {
    const { folders, end } = setUp();
    const first = folders.sync(folder("/a/"));
    const second = folders.sync(folder("/a/"));
    end(-5);
    await expect(first).rejects.toMatchObject({ code: "EIO" });
    end();
    await expect(second).resolves.toBeUndefined();
  });
});

describe("writers of a folder", () => {
  it("share when there are several at once", () => {
    const { folders } = setUp();
    expect(folders.enter("/a")).toBe(false);
    expect(folders.enter("/a")).toBe(true);
    expect(folders.enter("/b")).toBe(false);
    folders.leave("/a");
    folders.leave("/a");
    expect(folders.enter("/a")).toBe(false);
  });
});
