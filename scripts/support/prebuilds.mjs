// The binaries that the package promises to bring along, and which of them a tarball lacks: without one it installs and runs, on the
// portable pool and in silence. It knows names, and neither compiles nor packs.

/** As README's table of requirements says. */
export const promised = ["linux-x64-glibc"];

/** @param {string} name */
export const fileOf = (name) => `prebuilds/${name}/node-eio.node`;

/** @param {readonly string[]} files paths in the tarball */
export const lackedBy = (files) =>
  promised.filter((name) => !files.includes(fileOf(name)));

/** @param {readonly string[]} lacked */
export const refusal = (lacked) =>
  `not fit to publish: ${lacked.map(fileOf).join(", ")} ${lacked.length === 1 ? "is" : "are"} missing, and whoever installs it would be without native code (npm run prebuild says why)`;
