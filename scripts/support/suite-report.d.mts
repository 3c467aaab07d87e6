// Types of the reader of test reports, for its test. They hold no rules.

/** Whether each passed, by name; a test of the same name once more is numbered. */
export function readReport(text: string): Map<string, boolean>;
