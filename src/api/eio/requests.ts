// All requests of the door, composites included, by libeio's names without `eio_`. It puts lists together and has no
// request of its own.
import { fileComposites } from "./composites/files.ts";
import { folderComposites } from "./composites/folders.ts";
import { basicRequests } from "./requests/basic.ts";

export const requests = {
  ...basicRequests,
  ...fileComposites,
  ...folderComposites,
};

export type RequestName = keyof typeof requests;
export const requestNames = Object.keys(requests) as RequestName[];
