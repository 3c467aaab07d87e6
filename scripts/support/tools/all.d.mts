export const tools: readonly {
  name: string;
  packages?: Record<string, string>;
  works: string;
  know?: string;
}[];
