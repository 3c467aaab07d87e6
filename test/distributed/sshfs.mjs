// SSHFS: a server of SFTP on one host, and two clients. OpenSSH's own server of files, behind socat instead of sshd: the protocol is the
// same, and there are no keys to be made.
import fs from "node:fs";
import path from "node:path";
import { Daemon, run } from "./clean-up.mjs";
import { mounted, until, unmount } from "./mounts.mjs";

const CLIENTS = 2;
const PORT = 2022;
const SFTP = "/usr/lib/openssh/sftp-server";

export const packages = ["sshfs", "openssh-sftp-server", "socat", "iproute2"];

export async function start({ network, folder, cleanUp }) {
  const host = network.host();
  const store = path.join(folder, "store");
  fs.mkdirSync(store);
  const source = `${host.address}:${store}`;
  let server = null;
  const begin = async () => {
    server = new Daemon(
      ...[path.join(folder, "server.out"), ...host.net, "socat"],
      ...[`TCP-LISTEN:${PORT},fork,reuseaddr`, `EXEC:${SFTP}`],
    );
    await until("the server listens", () =>
      run(...host.net, "ss", "-Hltn", `sport = :${PORT}`),
    );
  };
  const end = () => server?.kill();
  cleanUp.add("the server of SFTP", end);
  await begin();
  const clients = [];
  for (let i = 0; i < CLIENTS; i++) {
    const client = network.host();
    const point = path.join(folder, `client${i}`);
    fs.mkdirSync(point);
    // Names that another client has made or replaced are to be seen at once: nothing is kept.
    const options = `directport=${PORT},reconnect,dir_cache=no,entry_timeout=0,attr_timeout=0,negative_timeout=0,allow_other`;
    const daemon = new Daemon(
      ...[`${point}.out`, ...client.net, "sshfs", "-f", source, point],
      ...["-o", options],
    );
    cleanUp.add(`the mount ${point}`, () => unmount(point, daemon));
    await mounted(point, daemon);
    clients.push({ host: client, point, daemon });
  }
  return {
    version: /SSHFS version \S+/.exec(run("sshfs", "--version"))[0],
    clients,
    failures: [
      {
        what: "the server killed with all its connections, and back",
        begin: end,
        end: begin,
      },
    ],
    locksReach: "one mount",
    /** What does not hold, and why: it is reported and is no failure. */
    known: {
      replacing:
        "one inode for each path: who reads while another one replaces gets parts of both, or ENOENT",
      "lock across mounts": "SSHFS knows no locks: each kernel keeps its own",
    },
    // The kernel waits for what a FUSE program has taken, whoever wants to end.
    exits: false,
  };
}
