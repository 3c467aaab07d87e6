// The names of files that are being written beside their target, for whoever makes them and for
// whoever finds one that a crash has left.

export const TEMPORARY_PREFIX = ".eio-";
export const TEMPORARY_SUFFIX = ".tmp";
