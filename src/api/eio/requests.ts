// All requests of the door, composites included, by libeio's names without `eio_`.
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
