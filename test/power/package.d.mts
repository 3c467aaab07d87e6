// See package.mjs.
import type { Workload } from "./workloads.mjs";
export function loadPackage(fs: object): unknown;
export const foreign: Workload;
