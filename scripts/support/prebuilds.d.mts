export const promised: readonly string[];
export function fileOf(name: string): string;
export function lackedBy(files: readonly string[]): string[];
export function refusal(lacked: readonly string[]): string;
