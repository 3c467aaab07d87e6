/** Where the shared instance is made, and what else is in the file that all doors share; relative to the project. */
export const core: { name: string; file: string; small: string[] };
