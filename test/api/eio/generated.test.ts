// The door's named exports, which are generated from the declarations, are all that the object has.
import { describe, expect, it } from "vitest";
import { requests } from "../../../src/api/eio/requests.ts";
import type { Declaration } from "../../../src/api/eio/declare.ts";
import door, * as names from "../../../src/eio.ts";
import { opNames } from "../../../src/ops/table.ts";

/** As `man eio` and IO::AIO's manual list them. */
const libeio = `wd_open wd_close nop busy sync fsync fdatasync syncfs msync mtouch mlock mlockall
  sync_file_range fallocate close readahead seek read write fstat fstatvfs futime ftruncate fchmod fchown dup2
  sendfile open utime truncate chmod mkdir readdir rmdir unlink readlink realpath stat lstat statvfs mknod chown
  link symlink rename custom grp grp_feed grp_limit grp_add grp_cancel init poll set_max_poll_time
  set_max_poll_reqs set_min_parallel set_max_parallel set_max_idle set_idle_timeout nreqs nready npending
  nthreads submit cancel reinit`;
const ioAio = `load slurp copy move scandir rmtree pathsync readdirx rename2 fiemap fcntl ioctl flush poll_wait
  poll_fileno poll_cb max_outstanding min_fdlimit aioreq_pri aioreq_nice`;
const wishes = `statx splice tee copy_file_range getxattr setxattr listxattr removexattr fgetxattr fsetxattr
  flistxattr fremovexattr cptree mvtree`;

describe("a name that libeio's users know", () => {
  const known = [libeio, ioAio, wishes].flatMap((list) => list.split(/\s+/));
  it.each(known)("%s", (name) => {
    const exported = name.startsWith("aioreq_") ? name : `eio_${name}`;
    const own = (door as unknown as Record<string, unknown>)[name];
    expect(own).toBeTypeOf("function");
    expect((names as Record<string, unknown>)[exported]).toBe(own);
  });
});

it("every function of the object is exported, and nothing else is", () => {
  const functions = Object.entries(door as object)
    .filter(([, value]) => typeof value === "function")
    .map(([, value]) => value as unknown);
  const exported = Object.entries(names as object)
    .filter(
      ([name, value]) => name !== "default" && typeof value === "function",
    )
    .map(([, value]) => value as unknown);
  expect(new Set(exported)).toEqual(new Set(functions));
});

it("each request names the ops that do it, and says what it is", () => {
  for (const { ops, about } of Object.values(
    requests as Record<string, Declaration>,
  )) {
    expect(opNames).toEqual(expect.arrayContaining([...ops]));
    expect(about).toMatch(/^[A-Z].*\.$/);
  }
});
