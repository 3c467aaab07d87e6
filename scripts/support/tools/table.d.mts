export function rowsOf(versions: Record<string, string>): string[][];
export function readRows(text: string): string[][];
