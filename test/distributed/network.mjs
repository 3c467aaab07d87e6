// Hosts on one machine: network namespaces that are joined by a bridge, which has a namespace of its own, so that nothing of the
// machine's network is touched. A host can be cut off. It knows no file system.
import { run } from "./clean-up.mjs";

const SUBNET = "10.231.77";

/** Why there can be none here; null where there can be. */
export function whyNoNetwork() {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid() !== 0) return "only root may make namespaces";
  try {
    run("ip", "-V");
    return null;
  } catch (error) {
    return error.message;
  }
}

export class Network {
  #switch = `eio${process.pid}sw`;
  #cleanUp;
  #count = 0;

  constructor(cleanUp) {
    this.#cleanUp = cleanUp;
    this.#namespace(this.#switch);
    run(...this.#inside(), "link", "add", "br0", "type", "bridge");
    run(...this.#inside(), "link", "set", "br0", "up");
  }

  #inside = () => ["ip", "-n", this.#switch];

  #namespace(name) {
    run("ip", "netns", "add", name);
    this.#cleanUp.add(`the namespace ${name}`, () =>
      run("ip", "netns", "del", name),
    );
  }

  host() {
    const number = ++this.#count;
    const name = `eio${process.pid}h${number}`;
    const port = `port${number}`;
    const address = `${SUBNET}.${number}`;
    this.#namespace(name);
    const to = ["peer", "name", "eth0", "netns", name];
    run(...this.#inside(), "link", "add", port, "type", "veth", ...to);
    run(...this.#inside(), "link", "set", port, "master", "br0", "up");
    for (const rest of [
      ["addr", "add", `${address}/24`, "dev", "eth0"],
      ["link", "set", "eth0", "up"],
      ["link", "set", "lo", "up"],
    ])
      run("ip", "-n", name, ...rest);
    return {
      ...{ name, address },
      /** A command is run there with this in front of it; the mounts are the machine's. */
      net: ["nsenter", `--net=/run/netns/${name}`],
      cut: () => run(...this.#inside(), "link", "set", port, "down"),
      join: () => run(...this.#inside(), "link", "set", port, "up"),
    };
  }
}
