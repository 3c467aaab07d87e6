// The npm package write-file-atomic over files of an instance: it is loaded with the callback functions of that instance in
// the place of node:fs. It does not know what the package does with them.
import Module, { createRequire } from "node:module";
import { ofPackage } from "./workloads.mjs";

const require = createRequire(import.meta.url);
const NAME = "write-file-atomic";

/** A fresh copy of the package each time, so that it has the given functions. */
export function loadPackage(fs) {
  const load = Module._load;
  delete require.cache[require.resolve(NAME)];
  Module._load = function (request, ...rest) {
    return /^(node:)?fs$/.test(request)
      ? fs
      : Reflect.apply(load, this, [request, ...rest]);
  };
  try {
    return require(NAME);
  } finally {
    Module._load = load;
  }
}

/** The package on whatever disk it is given. */
export const foreign = {
  name: NAME,
  async run(given) {
    const eio = given.createEio({ backend: given.disk });
    const lossAt = await ofPackage(loadPackage(eio.fs)).run(given);
    await eio.close();
    return lossAt;
  },
};
