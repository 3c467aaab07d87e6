// Types of the reader of test reports, for its test. They hold no rules.

/** Whether each passed, by name; a test of the same name once more is numbered. */
export function readReport(text: string): Map<string, boolean>;

export interface Compared {
  valid: number;
  equalRuns: number;
  differing: { name: string; times: number }[];
  unsteady: { name: string; node: number; ours: number }[];
  gained: string[];
}

/** What the second runs of the same tests fail of what passes in each of the first. */
export function compareRuns(
  first: Map<string, boolean>[],
  second: Map<string, boolean>[],
): Compared;
