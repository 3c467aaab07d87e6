// Not public, and without a promise for the next version: what the packages of this project share with the core.
// It passes on what is written for the core, and has nothing of its own.
export { checkNames, checkObject } from "./api/option-names.ts";
export { checkInteger, checkOneOf, checkOption } from "./api/option-values.ts";
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
