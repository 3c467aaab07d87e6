// Which container this process runs in, by the traces that the usual ones leave. It looks at files and variables that are handed in,
// and does not know what follows from it.

/** The text of a file; null where it cannot be read. */
export type ReadText = (path: string) => string | null;

export interface Container {
  kind: string;
  /** What gives it away. */
  hint: string;
}

const byCgroup: [RegExp, string][] = [
  [/kubepods/, "kubernetes"],
  [/libpod/, "podman"],
  [/docker/, "docker"],
  [/containerd|cri-/, "containerd"],
  [/\blxc\b/, "lxc"],
];

export function containerOf(
  read: ReadText,
  env: NodeJS.ProcessEnv,
): Container | null {
  if (env["KUBERNETES_SERVICE_HOST"])
    return { kind: "kubernetes", hint: "KUBERNETES_SERVICE_HOST is set" };
  const podman = read("/run/.containerenv");
  if (podman !== null)
    return {
      kind: /engine="([^"-]+)/.exec(podman)?.[1] ?? "podman",
      hint: "/run/.containerenv",
    };
  if (read("/.dockerenv") !== null)
    return { kind: "docker", hint: "/.dockerenv" };
  if (env["container"])
    return {
      kind: env["container"],
      hint: `the variable container is ${env["container"]}`,
    };
  const cgroup = read("/proc/self/cgroup") ?? "";
  for (const [pattern, kind] of byCgroup)
    if (pattern.test(cgroup)) return { kind, hint: "/proc/self/cgroup" };
  const root = / \/ \/ (?:\S+ )+?- (\S+) /.exec(
    read("/proc/self/mountinfo") ?? "",
  )?.[1];
  return root === "overlay"
    ? { kind: "container", hint: "/ is an overlay" }
    : null;
}
