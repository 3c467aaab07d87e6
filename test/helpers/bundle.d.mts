// The types of bundle.mjs.
export function bundle(program: string): string;
