// The door node-eio/eio: libeio, on the shared instance. An object with its functions, and each by its name
// in eio.h.
import { eio } from "./api/create.ts";

const door = eio.eio;

export default door;
export * from "./api/eio/names.gen.ts";
export type { EioFeed, EioGroup } from "./api/eio/group.ts";
export type {
  EioCallback,
  EioDirent,
  EioRequest,
  EioRequestOptions,
  EioWd,
} from "./api/eio/request.ts";
export type { EioScan } from "./api/eio/composites/folders.ts";
export type { EioEntry } from "./api/eio/requests/dents.ts";
export type { EioExecute } from "./api/eio/requests/special.ts";
export type { EioStatvfs } from "./api/eio/statvfs.ts";
export type { EioDescription, EioDoor } from "./api/eio/types.ts";
export type {
  EioFd,
  EioListing,
  EioPath,
  EioPlainPath,
} from "./api/eio/values.ts";
