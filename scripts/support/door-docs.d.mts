export function docOf(name: string): string | undefined;
export function withDocs(text: string): string;
