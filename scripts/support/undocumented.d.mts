export function undocumented(files: Record<string, string>): string[];
