// Types of the record of test outcomes, for its test. They hold no rules.

export interface SuiteRecord {
  get(...key: unknown[]): Map<string, boolean> | undefined;
  add(outcomes: Map<string, boolean>, ...key: unknown[]): void;
}

/** What earlier runs added to the file, and what is added now; "" keeps nothing. */
export function openRecord(file: string): SuiteRecord;
