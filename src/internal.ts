// Not public, and without a promise for the next version: what the packages of this project share with the core.
// It passes on what util/ has, and has nothing of its own.
export { packageVersion } from "./util/package.ts";
