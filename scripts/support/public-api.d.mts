/** Of each public door, by the name that it is imported by. */
export function declarations(): Record<string, string>;
export function builtReports(): Record<string, string>;
export function committedReports(): Record<string, string>;
export function writeReports(reports: Record<string, string>): void;
export function apiChange(
  before: Record<string, string>,
  after: Record<string, string>,
): string | null;
