/** One picture of saved results; null where there is nothing to draw. */
export function picture(reports: { outcomes: unknown[] }[]): string | null;
