interface Manifest {
  name: string;
  version?: string;
  private?: boolean;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  repository?: string | { url: string; directory?: string };
  publishConfig?: { access?: string };
}
interface Packed {
  name: string;
  size: number;
  files: { path: string }[];
}
type Problem = string | null;
export const PACKED_MAX_BYTES: number;
export function changelogProblem(text: string, version: string): Problem;
export function versionProblem(manifests: readonly Manifest[]): Problem;
export function treeProblem(status: string): Problem;
export function sizeProblem(packed: Pick<Packed, "size">): Problem;
export function prebuildsProblem(packed: Pick<Packed, "files">): Problem;
export function licensesProblem(
  packed: Pick<Packed, "name" | "files">,
  bundles: readonly string[],
): Problem;
export function scriptsProblem(manifest: Manifest): Problem;
export function provenanceProblem(manifest: Manifest, folder?: string): Problem;
export function summary(
  results: readonly { name: string; problem: Problem }[],
): string;
