// Limits of the code under test that are not exported, as tests have to know them.

/** Requests on one ring of the pool, at most (READY_MAX of src/backends/pool.ts). */
export const READY = 256;

/** The same on each ring of another priority. */
export const READY_OTHERS = 64;
