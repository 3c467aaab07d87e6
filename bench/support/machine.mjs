// What has to be printed with every figure of a bench: processor, system, Node, and whose version it is.
import fs from "node:fs";
import os from "node:os";

/** @returns {{cpu: string, processors: number, system: string, memoryGiB: number, node: string, version: string, date: string}} */
export function machineFacts() {
  const { version } = JSON.parse(
    fs.readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? "unknown",
    processors: os.availableParallelism(),
    system: `${os.type()} ${os.release()}`,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    node: process.versions.node,
    version,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** The same in one line. */
export function machineLine(facts = machineFacts()) {
  const { cpu, processors, system, memoryGiB, node, version } = facts;
  return `node-eio ${version}, Node ${node}, ${system}, ${processors} x ${cpu}, ${memoryGiB} GiB`;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}
