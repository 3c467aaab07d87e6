// Node's permission model as the running process has it: whether there is one, what it allows now, and the
// error of what it does not. It knows paths and scopes, and no op.
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

export type Scope = "read" | "write";

interface Model {
  has(scope: string, reference?: string | Buffer): boolean;
}

/** Fixed when the process starts; without it nothing here costs anything. */
export const model: Model | undefined = process.permission as Model | undefined;

/** A name that nobody grants by itself: what allows it allows all that is in its folder, and below. */
const ANYTHING = "\u2026node-eio\u2026";
const NAMES_FLAGS = Number.parseInt(process.versions.node, 10) >= 22;
const RESTRICTED = "Access to this API has been restricted";

/** Why a request did not begin; see errorOf. */
export class Denied {
  readonly error: Error;
  constructor(message: string, permission = "", resource = "") {
    this.error = Object.assign(new Error(message), {
      code: "ERR_ACCESS_DENIED",
      permission,
      resource,
    });
  }
}

/** As Node, it looks at the path alone: not at where links lead. */
export function deniedPath(
  scope: Scope,
  path: string | Buffer,
  shown: string | Uint8Array = path,
): Denied | null {
  if (model!.has(`fs.${scope}`, path)) return null;
  const hint = NAMES_FLAGS
    ? `. Use --allow-fs-${scope} to manage permissions.`
    : "";
  const permission = scope === "read" ? "FileSystemRead" : "FileSystemWrite";
  const resource = typeof shown === "string" ? shown : Buffer.from(shown);
  return new Denied(RESTRICTED + hint, permission, resource.toString());
}

/** Of a module that another thread is to load: Node's model does not hold there. */
export const deniedUrl = (module: string): Denied | null =>
  model !== undefined && module.startsWith("file:")
    ? deniedPath("read", fileURLToPath(module))
    : null;

/** The same of all that is in a folder: by the grant of the whole, as nobody knows what is there. */
export const deniedBelow = (
  scope: Scope,
  folder: string | Buffer,
): Denied | null =>
  deniedPath(
    scope,
    typeof folder === "string"
      ? join(folder, ANYTHING)
      : Buffer.concat([folder, Buffer.from(sep + ANYTHING)]),
    folder,
  );

/** Up to Node 20 a scope by itself says that something of it is granted. */
const hasAll = (scope: Scope): boolean =>
  model!.has(`fs.${scope}`) && model!.has(`fs.${scope}`, sep + ANYTHING);

export const deniedAnywhere = (
  name: string,
  ...scopes: Scope[]
): Denied | null =>
  scopes.every(hasAll)
    ? null
    : new Denied(
        `${name} requires full ${scopes.map((scope) => `fs.${scope}`).join(" and ")} permissions.`,
      );
