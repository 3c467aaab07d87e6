// What every figure has to stand beside: processor, kernel, Node, the disk and the file system of the
// files that are read, and which backends this machine refuses, and why.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { eio, type BackendName } from "node-eio";
import { packageVersion } from "node-eio/internal";

export interface Disk {
  /** Where the file system is mounted. */
  mount: string;
  fileSystem: string;
  /** The device, or what stands for one (tmpfs, a network share). */
  device: string;
  /** By the disk's own words; null where it has none. */
  model: string | null;
  rotational: boolean | null;
  scheduler: string | null;
}

export interface Machine {
  cpu: string;
  processors: number;
  memoryGiB: number;
  system: string;
  node: string;
  uv: string;
  version: string;
  date: string;
  /** Of the last minute, when the figures were begun. */
  load: number;
  disk: Disk | null;
  /** Backends that cannot be had here, and why. */
  refused: Partial<Record<BackendName, string>>;
}

export function machineFacts(folder: string): Machine {
  const cpus = os.cpus();
  const refused: Machine["refused"] = {};
  for (const [name, probe] of Object.entries(eio.backends))
    if (!probe.available) refused[name as BackendName] = probe.reason;
  return {
    cpu: cpus[0]?.model.trim() ?? "unknown",
    processors: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    node: process.versions.node,
    uv: process.versions.uv,
    version: packageVersion(),
    date: new Date().toISOString(),
    load: Math.round(os.loadavg()[0]! * 100) / 100,
    disk: diskOf(folder),
    refused,
  };
}

/** In lines for people. */
export function machineLines(machine: Machine): string[] {
  const { cpu, processors, memoryGiB, system, node, uv, version } = machine;
  return [
    `node-eio ${version}, Node ${node} (libuv ${uv}), ${system}`,
    `${processors} x ${cpu}, ${memoryGiB} GiB, load ${machine.load.toFixed(2)}`,
    ...(machine.disk === null ? [] : [diskLine(machine.disk)]),
    ...Object.entries(machine.refused).map(
      ([name, reason]) => `${name} is not available: ${reason}`,
    ),
  ];
}

function diskLine(disk: Disk): string {
  const { mount, fileSystem, device, model, rotational, scheduler } = disk;
  const about = [
    model,
    rotational === null ? null : rotational ? "rotational" : "not rotational",
    scheduler === null ? null : `scheduler ${scheduler}`,
  ].filter((part) => part !== null);
  const details = about.length === 0 ? "" : ` (${about.join(", ")})`;
  return `${fileSystem} on ${device}${details}, mounted on ${mount}`;
}

/** Of the file system that a path is on; null where the system does not say (no /proc). */
export function diskOf(where: string): Disk | null {
  try {
    const { dev } = fs.statSync(where);
    const number = `${major(dev)}:${minor(dev)}`;
    const mounts = fs.readFileSync("/proc/self/mountinfo", "utf8");
    return findMount(mounts, number, path.resolve(where));
  } catch {
    return null;
  }
}

const major = (dev: number): number => (dev >>> 8) & 0xfff;
const minor = (dev: number): number =>
  (dev & 0xff) | (Math.floor(dev / 2 ** 12) & 0xfff00);

/** The mount of a device whose point is nearest above the path. */
function findMount(text: string, number: string, where: string): Disk | null {
  let best: Disk | null = null;
  for (const line of text.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const [, , dev, , point = ""] = before.split(" ");
    const [fileSystem = "", device = ""] = after.split(" ");
    if (dev !== number || !isBelow(where, point)) continue;
    if (best !== null && best.mount.length > point.length) continue;
    best = { mount: point, fileSystem, device, ...hardware(number) };
  }
  return best;
}

const isBelow = (where: string, folder: string): boolean =>
  folder === "/" || where === folder || where.startsWith(`${folder}/`);

function hardware(
  number: string,
): Pick<Disk, "model" | "rotational" | "scheduler"> {
  const read = (name: string): string | null => {
    try {
      const place = fs.realpathSync(`/sys/dev/block/${number}`);
      // A partition has no queue of its own: the disk is the folder above it.
      const file = [place, path.dirname(place)]
        .map((folder) => path.join(folder, name))
        .find((file) => fs.existsSync(file));
      return file === undefined ? null : fs.readFileSync(file, "utf8").trim();
    } catch {
      return null;
    }
  };
  const rotational = read("queue/rotational");
  const scheduler = read("queue/scheduler");
  return {
    model: read("device/model"),
    rotational: rotational === null ? null : rotational === "1",
    scheduler: scheduler && (/\[(.*)\]/.exec(scheduler)?.[1] ?? scheduler),
  };
}
