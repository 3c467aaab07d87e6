// What the disturbances need of the machine: a mount and a resolver that never respond. Both
// need root, and are left out with the reason where they cannot be had.
import { spawnSync } from "node:child_process";
import dgram from "node:dgram";
import fs from "node:fs";
import path from "node:path";

const RESOLVER = "127.77.7.7";

/** Undoes itself; a text says why it cannot be had. */
export interface Obstacle {
  path: string;
  remove(): void;
}

/** A FUSE mount whose server exists and reads nothing: the kernel waits for it, and so does its caller. */
export function hungMount(folder: string): Obstacle | string {
  const mount = path.join(folder, "hung");
  let fd: number;
  try {
    fd = fs.openSync("/dev/fuse", "r+");
  } catch (error) {
    return `/dev/fuse cannot be opened (${(error as Error).message})`;
  }
  fs.mkdirSync(mount);
  const options = `fd=3,rootmode=40000,user_id=${process.getuid!()},group_id=${process.getgid!()}`;
  const { status, stderr } = spawnSync(
    "mount",
    ["-i", "-t", "fuse", "-o", options, "hung", mount],
    {
      stdio: ["ignore", "ignore", "pipe", fd],
      encoding: "utf8",
    },
  );
  if (status !== 0) {
    fs.closeSync(fd);
    fs.rmdirSync(mount);
    return `a FUSE file system cannot be mounted (${(stderr ?? "").trim() || "no mount program"})`;
  }
  let there = true;
  return {
    path: mount,
    remove() {
      if (!there) return;
      there = false;
      // Whoever waits gets the error of a lost connection.
      fs.closeSync(fd);
      spawnSync("umount", ["-l", mount]);
      fs.rmdirSync(mount);
    },
  };
}

/** A resolver that drops all queries, and the words before a command that make it the command's own. */
export async function deafResolver(
  folder: string,
): Promise<{ prefix: string[]; remove(): void } | string> {
  const conf = path.join(folder, "resolv.conf");
  fs.writeFileSync(
    conf,
    `nameserver ${RESOLVER}\noptions timeout:5 attempts:2\n`,
  );
  const prefix = [
    "unshare",
    "-m",
    "sh",
    "-c",
    'mount --bind "$0" /etc/resolv.conf && exec "$@"',
    conf,
  ];
  const [program, ...args] = prefix as [string, ...string[]];
  const { status, stderr } = spawnSync(program, [...args, "true"], {
    encoding: "utf8",
  });
  if (status !== 0)
    return `a process cannot have a resolver of its own (${(stderr ?? "").trim() || "no unshare program"})`;
  const socket = dgram.createSocket("udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(53, RESOLVER, resolve);
    });
  } catch (error) {
    return `nobody can listen at ${RESOLVER}:53 (${(error as Error).message})`;
  }
  return { prefix, remove: () => void socket.close() };
}
