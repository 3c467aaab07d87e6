// All tools that the packages are tried with, in the order of the table in docs/tools.md.
import { bundlers } from "./bundlers.mjs";
import { compilers } from "./compilers.mjs";
import { installers } from "./installers.mjs";
import { machines } from "./machines.mjs";
import { runners } from "./runners.mjs";
import { runtimes } from "./runtimes.mjs";

/**
 * `packages`: what npm installs, as `versions` says. `works`, `know`: for docs/tools.md. `check` throws where something is not as it should be, and
 * returns further versions that it has tried.
 * @type {{ name: string, packages?: Record<string, string>, works: string, know?: string, check: Function }[]}
 */
export const tools = [
  ...compilers,
  ...runners,
  ...bundlers,
  ...installers,
  ...runtimes,
  ...machines,
];
