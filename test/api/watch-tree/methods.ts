// By what this machine can watch trees.
import { loadNative } from "../../../src/backends/native.ts";

const { NODE_EIO_BACKEND: backend } = process.env;

export const methods: ("inotify" | "node")[] =
  loadNative().addon === null || backend === "pool"
    ? ["node"]
    : ["inotify", "node"];
