// Node's own modules that cost milliseconds and megabytes to load (node:http brings fetch along), loaded when
// they are first needed. It does not know what for.

/** `builtin("node:http").ServerResponse`: from the second time on it is a look-up. */
export const builtin: typeof process.getBuiltinModule =
  process.getBuiltinModule;
