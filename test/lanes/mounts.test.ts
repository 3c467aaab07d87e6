// The table of mounts: which file system a path is on by its longest prefix, whatever the table says.
import { describe, expect, it } from "vitest";
import { Mounts } from "../../src/engine/routing.ts";

const TABLE = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid shared:5 master:1 - proc proc rw
30 22 0:30 / /mnt/my\\040disk rw - fuse.sshfs host: rw
31 22 0:31 / /mnt/nas rw - ext4 /dev/vdb rw
32 31 0:32 / /mnt/nas rw,relatime - nfs4 nas:/ rw
33 22 254:0 /srv /bind rw - ext4 /dev/vda rw
`;

describe("mounts", () => {
  const mounts = new Mounts(() => TABLE);
  it.each([
    ["/etc/passwd", "/", false],
    ["/", "/", false],
    ["/proc/self", "/proc", false],
    ["/proc2", "/", false],
    ["/mnt/my disk/a/b", "/mnt/my disk", true],
    ["/mnt/nas", "/mnt/nas", true],
    ["/mnt/nas/../nas/./a", "/mnt/nas", true],
    ["/mnt/nas/../x", "/", false],
    ["/bind/x", "/bind", false],
  ])("%s is on %s", (path, point, remote) => {
    expect(mounts.ofPath(path)).toMatchObject({ point, remote });
    expect(mounts.ofPath(Buffer.from(path))).toMatchObject({ point, remote });
  });

  it("start from a folder where a path is relative to one", () => {
    const wd = { fd: -1, resolve: 0, prefix: "/mnt/nas/", path: "/" };
    expect(mounts.ofPath("a", wd)).toMatchObject({ point: "/mnt/nas" });
    expect(mounts.ofPath("../x", wd)).toMatchObject({ point: "/" });
    expect(mounts.ofPath("/x", wd)).toMatchObject({ point: "/" });
  });

  it("are one file system where the device is", () => {
    const [a, b] = ["/x", "/bind/x"].map((path) => mounts.ofPath(path)!.device);
    expect(a).toBe(b);
  });

  it("are not known where there is no table", () => {
    const none = new Mounts(() => {
      throw new Error("ENOENT");
    });
    expect(none.ofPath("/etc")).toBeUndefined();
    expect(none.ofDescriptor(0)).toBeUndefined();
  });
});
