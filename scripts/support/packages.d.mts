// Types of the tables of packages, for the test that reads them. They hold no rules.

interface Package {
  doors: Record<string, { default?: string }>;
  programs?: Record<string, string>;
  pages?: Record<string, string>;
}
export const packages: Record<string, Package>;
export const passedOn: Record<string, { package: string; door: string }>;
export const carried: Record<string, string>;
