// Functions that a custom request runs in a worker, well-behaved ones and others.
import fs from "node:fs";

export const echo = (value) => value;

export const exit = () => process.exit(3);

export const fail = (message) => {
  throw new Error(message);
};

export const uncloneable = () => () => {};

/** Keeps allocating what cannot be collected until the heap's limit ends the worker. */
export const hogMemory = () => {
  const kept = [];
  for (;;) kept.push(new Array(10_000).fill(kept.length));
};

/** Keeps its worker's processor busy until a file exists. */
export const spin = (file) => {
  while (!fs.existsSync(file));
};

export const spinThenExit = (file) => {
  spin(file);
  process.exit(4);
};
