// GlusterFS: three servers on hosts of their own, a volume with three copies of everything, and two clients. Each server is a glusterd of
// Debian's, in namespaces of its own (network, mounts, name, processes), so that its files and processes are its own, too.
import fs from "node:fs";
import path from "node:path";
import { Daemon, run, send } from "./clean-up.mjs";
import { mounted, until, unmount } from "./mounts.mjs";

const SERVERS = 3;
const CLIENTS = 2;
const VOLUME = "shared";
const GSYNCD = "/usr/lib/x86_64-linux-gnu/glusterfs/gsyncd";

export const packages = ["glusterfs-server", "fuse3", "iproute2"];

export async function start({ network, folder, cleanUp }) {
  const servers = Array.from({ length: SERVERS }, (_, i) =>
    makeServer(network.host(), path.join(folder, `server${i}`), cleanUp),
  );
  await Promise.all(servers.map((server) => server.start()));
  const [first, ...others] = servers;
  const gluster = (...args) =>
    first.inside("gluster", "--mode=script", ...args);
  for (const { host } of others) gluster("peer", "probe", host.address);
  await until("all peers are connected", () =>
    servers.every(
      ({ inside }) =>
        inside("gluster", "peer", "status").match(/\(Connected\)/g)?.length ===
        SERVERS - 1,
    ),
  );
  const bricks = servers.map(({ host, brick }) => `${host.address}:${brick}`);
  gluster("volume", "create", VOLUME, "replica", SERVERS, ...bricks, "force");
  gluster("volume", "start", VOLUME);
  const sources = servers.map(({ host }) => `--volfile-server=${host.address}`);
  const clients = [];
  for (let i = 0; i < CLIENTS; i++) {
    const host = network.host();
    const point = path.join(folder, `client${i}`);
    fs.mkdirSync(point);
    const daemon = new Daemon(
      ...[`${point}.out`, ...host.net, "glusterfs", "-N", ...sources],
      ...[`--volfile-id=${VOLUME}`, `--log-file=${point}.log`, point],
    );
    cleanUp.add(`the mount ${point}`, () => unmount(point, daemon));
    await mounted(point, daemon);
    clients.push({ host, point, daemon });
  }
  return {
    version: run("glusterfs", "--version").split("\n")[0],
    clients,
    /** What can go wrong with it, and be right again. */
    failures: [
      {
        what: "one of three bricks killed (SIGKILL), and back",
        begin: () => others[0].killBrick(),
        end: () => gluster("volume", "start", VOLUME, "force"),
      },
      {
        what: "one of three servers killed with all its processes, and back",
        begin: () => others[1].stop(),
        end: () => others[1].start(),
      },
    ],
    /** All clients reach all bricks: two of three have to be there, or nothing is written. */
    ready: () =>
      until("all clients are connected", () =>
        clients.every(({ point }) =>
          servers.every((_server, i) => {
            const graph = `.meta/graphs/active/${VOLUME}-client-${i}/private`;
            const text = run("cat", path.join(point, graph));
            return /^connected = 1$/m.test(text);
          }),
        ),
      ),
    locksReach: "all clients",
    // The kernel waits for what a FUSE program has taken, whoever wants to end.
    exits: false,
  };
}

function makeServer(host, folder, cleanUp) {
  const kept = (name) => path.join(folder, name);
  for (const name of ["lib", "log/bricks", "brick"])
    fs.mkdirSync(kept(name), { recursive: true });
  // Without what copies volumes to other continents, whose set-up is most of a start: a program without an interpreter is not there.
  fs.writeFileSync(kept("absent"), "#!/absent\n", { mode: 0o755 });
  // The shell stays, to take leave of dead processes: a brick that nobody has waited for is taken for a living one.
  // Sockets and files of process numbers lie in /run, and would be those of all servers.
  const begin = [
    "mount -t tmpfs none /run && mkdir -p /run/gluster",
    `mkdir -p /var/lib/glusterd /var/log/glusterfs`,
    `mount --bind ${kept("lib")} /var/lib/glusterd`,
    `mount --bind ${kept("log")} /var/log/glusterfs`,
    `{ [ ! -e ${GSYNCD} ] || mount --bind ${kept("absent")} ${GSYNCD}; }`,
    `hostname ${host.name} && { glusterd -N & wait; }`,
  ].join(" && ");
  let daemon = null;
  /** The first process of its namespace: all others end with it. */
  const init = () => daemon.all[1];
  const inside = (...argv) =>
    run("nsenter", "-t", init(), "-n", "-m", "-u", "-p", ...argv);
  const stop = () => daemon?.kill();
  cleanUp.add(`the server ${host.name}`, stop);
  return {
    ...{ host, inside, stop, brick: kept("brick") },
    async start() {
      daemon = new Daemon(
        ...[kept("out"), ...host.net, "unshare", "--mount", "--uts", "--pid"],
        ...["--fork", "--kill-child", "--mount-proc", "sh", "-c", begin],
      );
      await until(`glusterd of ${host.name} listens`, () => {
        if (!daemon.isRunning)
          throw new Error(fs.readFileSync(kept("out"), "utf8"));
        // Before that, its command waits until it finds that nobody is there.
        return fs.existsSync(`/proc/${init()}/root/run/glusterd.socket`);
      });
    },
    killBrick() {
      const isBrick = (pid) => {
        const line = fs.readFileSync(`/proc/${pid}/cmdline`, "latin1");
        return line.startsWith("/usr/sbin/glusterfsd\0");
      };
      const found = daemon.all.filter(isBrick);
      if (found.length !== 1) throw new Error("no brick was found");
      send(found[0], "SIGKILL");
    },
  };
}
