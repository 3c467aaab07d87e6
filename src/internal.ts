// Not public, and without a promise for the next version: what the packages of this project share with the core.
// It passes on what util/ has, and has nothing of its own.
export { misuseError } from "./util/errors.ts";
export {
  clearInterval,
  clearTimeout,
  clockMs,
  setImmediate,
  setInterval,
  setTimeout,
} from "./util/node-timers.ts";
export { notInstalled } from "./util/not-installed.ts";
export { packageVersion } from "./util/package.ts";
