// Limits of the code under test that are not exported, as tests have to know them.

/** Requests on one ring of the pool, at most (READY_MAX of src/backends/pool.ts). */
export const READY = 256;
