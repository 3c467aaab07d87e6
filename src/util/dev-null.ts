// The device that takes everything and has nothing, as node:os names it. That module would be loaded for the name alone, and
// Node 20 and 22 have to compile it.
export const devNull =
  process.platform === "win32" ? String.raw`\\.\nul` : "/dev/null";
