// The comparison tool as a function of a command line, and the types of what it writes: exports only.
export { main } from "./main.ts";
export type { Machine } from "./machine.ts";
export type { Report } from "./report.ts";
export type { Outcome, Row } from "./rows.ts";
export type { Verdict } from "./verdict.ts";
