// What workers run, as a module of this thread. The build puts a plain require() in the place of this file, so that
// a bundle of an application takes the worker along.
import { createRequire } from "node:module";
import path from "node:path";
import { dist } from "../util/package.ts";

export const loadWorker = (): unknown =>
  createRequire(import.meta.filename)(path.join(dist, "worker.cjs"));
