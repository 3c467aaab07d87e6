// One mistake as the tables have it, and several of one file with the test that usually notices. `runtime` ("node26"): the only
// one on which it does.

/** @typedef {{ file: string, from: string, to: string, test: string, name?: string, runtime?: string }} Mutation */

/** @type {(file: string, test: string, ...changes: [from: string, to: string, test?: string, name?: string][]) => Mutation[]} */
export const of = (file, usual, ...changes) =>
  changes.map(([from, to, test = usual, name]) => ({
    file,
    from,
    to,
    test,
    ...(name === undefined ? {} : { name }),
  }));
