// The rules about which file may import which: one way, no circles, not even of types.
import {
  importsOf,
  layerOf,
  WORKERS,
  type SourceFile,
  type Violation,
} from "./tidy-source.ts";

/** Lowest first: a layer may import the layers before it, and itself. */
export const LAYERS = [
  "util",
  "ops",
  "request",
  "backends",
  "engine",
  "api",
  "page",
  "live",
  "serve",
  "bench",
  "doors",
] as const;
const WORKERS_MAY_IMPORT = [WORKERS, "util", "ops", "request"];

export function importOrder(files: SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path);
    if (layer === null) return [];
    const mayImport = importable(layer);
    if (mayImport === null) {
      return [
        {
          path: file.path,
          line: 1,
          what: `the folder src/${layer}/ is not one of ${LAYERS.join(", ")}`,
          cause: "a new layer that has no place in the import order yet",
        },
      ];
    }
    return importsOf(file).flatMap(({ line, specifier, target }) => {
      const from = target === null ? null : layerOf(target);
      if (target !== null && from === null) {
        return [
          {
            path: file.path,
            line,
            what: `imports ${specifier}, which is outside src/ and workers/`,
            cause: "shipped code leans on something that is not shipped",
          },
        ];
      }
      if (from === null || mayImport.includes(from)) return [];
      return [
        {
          path: file.path,
          line,
          what: `${layer} imports ${from} (${specifier}); it may import ${mayImport.join(", ")}`,
          cause: `what it needs belongs further down, or should be handed in by ${from}`,
        },
      ];
    });
  });
}

function importable(layer: string): string[] | null {
  if (layer === WORKERS) return WORKERS_MAY_IMPORT;
  const place = LAYERS.findIndex((name) => name === layer);
  return place === -1 ? null : LAYERS.slice(0, place + 1);
}

export function importCircles(files: SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (file: SourceFile, trail: string[]): void => {
    if (done.has(file.path)) return;
    const here = [...trail, file.path];
    for (const { line, target } of importsOf(file)) {
      const next = target === null ? undefined : byPath.get(target);
      if (next === undefined) continue;
      const start = here.indexOf(next.path);
      if (start === -1) {
        visit(next, here);
        continue;
      }
      found.push({
        path: file.path,
        line,
        what: `closes a circle of imports: ${[...here.slice(start), next.path].join(" -> ")}`,
        cause:
          "a type or constant that both need lives in one of them; give it a file further down",
      });
    }
    done.add(file.path);
  };
  for (const file of files) visit(file, []);
  return found;
}
