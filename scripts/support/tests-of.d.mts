export function testsOf(root: string, argument: string): string;
