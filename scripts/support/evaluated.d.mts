/** Relative to the project. */
export const evaluatedModules: string[];
/** The text of a module that exports what that one does. */
export function evaluate(file: string): Promise<string>;
