// A plug-in of TypeDoc: modules are named as they are imported, not by their files.
import { Converter, ReflectionKind } from "typedoc";

/** `src/fs`, `packages/live/src`: TypeDoc leaves `index` out. */
const places = /^(?:packages\/(\w+)\/)?src(?:\/([\w-]+))?$/;

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      const [match, owner, door] = places.exec(module.name) ?? [];
      if (match === undefined)
        throw new Error(`no door of a package: ${module.name}`);
      const from = owner === undefined ? "node-eio" : `@node-eio/${owner}`;
      module.name = door === undefined ? from : `${from}/${door}`;
    }
  });
}
