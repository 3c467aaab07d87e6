// Who is measured: backends of this library, Node's own fs, modules of the caller's, by the names that a
// command line has for them. It knows which there are on this machine.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { eio, type BackendName } from "node-eio";
import type { Subject } from "./case.ts";
import { UsageError } from "./usage.ts";

export const backendNames = [
  "pool",
  "uring",
  "aio",
  "nowait",
  "null",
  "auto",
] as const;
export const styles = ["promises", "callbacks", "sync"] as const;
export type Style = Subject["style"];

export function eioSubject(
  which: string,
  style: Style,
  options?: Record<string, unknown>,
  label = "",
): Subject {
  const title = style === "promises" ? which : `${which} ${style}`;
  const subject: Subject = {
    name: `${title}${label}`,
    kind: "eio",
    which,
    style,
  };
  return options === undefined ? subject : { ...subject, options };
}

export function nodeSubject(style: Style): Subject {
  return { name: `node:fs ${style}`, kind: "node", which: "", style };
}

/**
 * One that was named and is not here is an error; of `all` it is left out, and so is Linux AIO
 * where it has nothing to do.
 */
export function backendSubjects(
  names: readonly string[],
  style: Style,
  direct: boolean,
): Subject[] {
  const probes = eio.backends;
  const every = backendNames.filter(
    (name) => name !== "auto" && (direct || name !== "aio"),
  );
  const chosen = new Set(
    names.flatMap((name) => (name === "all" ? every : [name])),
  );
  return [...chosen].flatMap((name) => {
    const probe =
      name === "auto"
        ? { available: true as const }
        : probes[name as BackendName];
    if (probe.available) return [eioSubject(name, style)];
    if (names.includes(name))
      throw new UsageError(
        `--backend ${name}: it is not available here: ${probe.reason}`,
      );
    return [];
  });
}

/** A file that exports what node:fs/promises exports. */
export function moduleSubject(file: string): Subject {
  const full = path.resolve(file);
  if (!fs.existsSync(full))
    throw new UsageError(`--with ${file}: there is no such file`);
  return {
    name: path.basename(file),
    kind: "module",
    which: pathToFileURL(full).href,
    style: "promises",
  };
}
