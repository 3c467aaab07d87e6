// The engine of a process under the permission model: what is denied ends before it begins. All doors
// submit to it, so there is no way round; it knows neither doors nor how anything is decided.
import { Engine } from "../../engine/engine.ts";
import { errnoOf } from "../../request/errors.ts";
import type { Request } from "../../request/request.ts";
import { deniedBy } from "./guard.ts";
import { model } from "./model.ts";

class Guarded extends Engine {
  override submit(request: Request): void {
    const denied = deniedBy(request);
    if (denied === null) return super.submit(request);
    request.reason = denied;
    this.end(request, errnoOf("EACCES"));
  }
}

/** Without a permission model the plain one: it costs nothing then. */
export const EngineHere: typeof Engine = model === undefined ? Engine : Guarded;
