import type { CompilerOptions } from "typescript";
export function apiReports(
  files: Record<string, string>,
  options?: CompilerOptions,
): Record<string, string>;
