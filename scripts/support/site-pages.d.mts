interface Entry {
  text: string;
  link: string;
}
export const outside: Readonly<Record<string, string>>;
export const FILES: string;
export function slugOf(title: string): string;
export function pageOf(file: string): string | null;
export function toPage(
  file: string,
  text: string,
): { text: string; files: string[] };
export function sidebarOf(index: string): { text: string; items: Entry[] }[];
export function documentsOf(files: readonly string[]): string[];
