// The binaries that the package promises to bring along, and which of them a tarball lacks: without one it installs and runs, on the
// portable pool and in silence. It knows names, and neither compiles nor packs.

/** As README's table of requirements says. */
export const promised = [
  "linux-x64-glibc",
  "linux-x64-musl",
  "linux-arm64-glibc",
  "linux-arm64-musl",
];

/** @param {string} name */
export const fileOf = (name) => `prebuilds/${name}/node-eio.node`;

/** @param {readonly string[]} files paths in the tarball */
export const lackedBy = (files) =>
  promised.filter((name) => !files.includes(fileOf(name)));

/** @param {readonly string[]} lacked */
export const refusal = (lacked) =>
  `not fit to publish: ${lacked.map(fileOf).join(", ")} ${lacked.length === 1 ? "is" : "are"} missing, and whoever installs it there would be without native code (npm run prebuild says why; what makes all of them is in CONTRIBUTING.md under "A release")`;
