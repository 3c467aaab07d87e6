// All requests that are no composites, by libeio's names without `eio_`. A name that is missing here is
// not there.
import { beyondRequests } from "./beyond.ts";
import { descriptorRequests } from "./descriptors.ts";
import { memoryRequests } from "./memory.ts";
import { pathRequests } from "./paths.ts";
import { readdirRequests } from "./readdir.ts";
import { sendfileRequests } from "./sendfile.ts";
import { slurpRequests } from "./slurp.ts";
import { specialRequests } from "./special.ts";
import { transferRequests } from "./transfers.ts";
import { treeRequests } from "./trees.ts";
import { wdRequests } from "./wds.ts";
import { xattrRequests } from "./xattr.ts";

export const basicRequests = {
  ...wdRequests,
  ...specialRequests,
  ...descriptorRequests,
  ...transferRequests,
  ...sendfileRequests,
  ...pathRequests,
  ...readdirRequests,
  ...memoryRequests,
  ...beyondRequests,
  ...xattrRequests,
  ...slurpRequests,
  ...treeRequests,
};

export type BasicName = keyof typeof basicRequests;
