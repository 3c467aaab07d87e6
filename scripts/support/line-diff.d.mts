export function lineDiff(
  before: string,
  after: string,
): { removed: number; added: number; text: string };
