// All scenarios, in the order in which they are run.
import { cancelledGroups } from "./scenarios/cancelled-groups.ts";
import { cancels } from "./scenarios/cancels.ts";
import { cPrograms } from "./scenarios/c-programs.ts";
import { changing } from "./scenarios/changing.ts";
import { composites } from "./scenarios/composites.ts";
import { feeds } from "./scenarios/feeds.ts";
import { groups } from "./scenarios/groups.ts";
import { listing } from "./scenarios/listing.ts";
import { names } from "./scenarios/names.ts";
import { opening } from "./scenarios/opening.ts";
import { order } from "./scenarios/order.ts";
import { polls } from "./scenarios/polls.ts";
import { space } from "./scenarios/space.ts";
import { transfers } from "./scenarios/transfers.ts";
import { wds } from "./scenarios/wds.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [
  ...transfers,
  ...opening,
  ...changing,
  ...names,
  ...listing,
  ...composites,
  ...space,
  ...wds,
  ...order,
  ...polls,
  ...cancels,
  ...cancelledGroups,
  ...groups,
  ...feeds,
  ...cPrograms,
];
