// Everything that one call of the bench found, as it is written to files and read again by the generator
// of docs/benchmarks.md.
import type { EioProfile } from "node-eio";
import type { Answer } from "./answer/answer.ts";
import type { Machine } from "./machine.ts";
import type { Outcome } from "./rows.ts";
import type { Verdict } from "./verdict.ts";

export interface Report {
  tool: "node-eio bench";
  /** Of this form. */
  format: 1;
  command: string;
  machine: Machine;
  rounds: number;
  outcomes: Outcome[];
  verdicts: Verdict[];
  /** Of a call that said nothing of what is to be measured. */
  answer: Answer | null;
  /** What the figures do not say, and what was left out. */
  notes: string[];
  profile: EioProfile | null;
}
