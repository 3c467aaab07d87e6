// By what this machine can watch trees.
import fs from "node:fs";
import os from "node:os";
import { loadNative } from "../../../src/backends/native.ts";
import { createEio } from "../../../src/api/create.ts";

export type Method = "inotify" | "fanotify" | "node";

const { NODE_EIO_BACKEND: backend } = process.env;
const hasNative = loadNative().addon !== null && backend !== "pool";

/** Why trees cannot be watched by fanotify here; null: they can. */
export const noFanotify = hasNative ? await refusal() : "there is no addon";

export const methods: Method[] = [
  ...(hasNative ? (["inotify"] as const) : []),
  ...(noFanotify === null ? (["fanotify"] as const) : []),
  "node",
];

/** It takes CAP_SYS_ADMIN, Linux 5.17 and a file system that fanotify can mark. */
async function refusal(): Promise<string | null> {
  const eio = createEio();
  const folder = fs.mkdtempSync(`${os.tmpdir()}/eio-fanotify-`);
  try {
    const watcher = eio.watchTree(folder, { method: "fanotify" });
    await watcher.ready;
    await watcher.close();
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    fs.rmdirSync(folder);
    await eio.close();
  }
}
