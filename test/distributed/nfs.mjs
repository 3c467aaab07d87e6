// NFS 4: a server of Ganesha in user space on one host, and two clients of the kernel's.
import fs from "node:fs";
import path from "node:path";
import { Daemon, run } from "./clean-up.mjs";
import { until, unmount } from "./mounts.mjs";

const CLIENTS = 2;
const PORT = 2049;

export const packages = [
  "nfs-ganesha",
  "nfs-ganesha-vfs",
  "nfs-common",
  "iproute2",
];

const configuration = (store, run) => `
NFS_CORE_PARAM { Protocols = 4; NFS_Port = ${PORT}; Enable_NLM = false; Enable_RQUOTA = false; }
NFSv4 { RecoveryBackend = fs; RecoveryRoot = "${run}"; Grace_Period = 10; Lease_Lifetime = 10; }
EXPORT { Export_Id = 1; Path = "${store}"; Pseudo = "/store"; Access_Type = RW; Squash = No_Root_Squash; SecType = sys; FSAL { Name = VFS; } }
`;

export async function start({ network, folder, cleanUp }) {
  const host = network.host();
  const store = path.join(folder, "store");
  const own = path.join(folder, "ganesha");
  for (const one of [store, own]) fs.mkdirSync(one);
  const config = path.join(folder, "ganesha.conf");
  fs.writeFileSync(config, configuration(store, own));
  let server = null;
  const begin = async () => {
    server = new Daemon(
      ...[path.join(folder, "server.out"), ...host.net, "ganesha.nfsd", "-F"],
      ...["-f", config, "-L", path.join(folder, "server.log")],
      ...["-p", path.join(folder, "server.pid")],
    );
    await until("the server listens", () =>
      run(...host.net, "ss", "-Hltn", `sport = :${PORT}`),
    );
  };
  const end = () => server?.kill();
  cleanUp.add("the server of NFS", end);
  await begin();
  const clients = [];
  for (let i = 0; i < CLIENTS; i++) {
    const client = network.host();
    const point = path.join(folder, `client${i}`);
    fs.mkdirSync(point);
    const options = `vers=4.1,proto=tcp,port=${PORT}`;
    run(
      ...client.net,
      "mount",
      "-t",
      "nfs4",
      "-o",
      options,
      `${host.address}:/store`,
      point,
    );
    cleanUp.add(`the mount ${point}`, () => unmount(point, null));
    clients.push({ host: client, point });
  }
  return {
    version: run("ganesha.nfsd", "-v").split("\n")[0],
    clients,
    failures: [{ what: "the server killed, and back", begin: end, end: begin }],
    locksReach: "all clients",
    // A thread that waits for a server can be ended.
    exits: true,
  };
}
