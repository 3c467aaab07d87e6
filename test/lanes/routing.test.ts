// Where requests are placed by their paths and descriptors, by tables of mounts and of opened files alone.
import { expect, it } from "vitest";
import { defaultMountLimits } from "../../src/engine/options.ts";
import { LaneRouting, Mounts } from "../../src/engine/routing.ts";
import { Lanes } from "../../src/engine/scheduler.ts";
import { ops, type OpName } from "../../src/ops/table.ts";
import { Request } from "../../src/request/request.ts";
import { decodeNone } from "../../src/request/results.ts";

const TABLE = `22 1 254:0 / / rw - ext4 /dev/vda rw
32 22 0:32 / /mnt/nas rw - nfs4 nas:/ rw
`;

function makePlacing(): { lanes: Lanes; placing: LaneRouting } {
  const lanes = new Lanes(true, 8);
  lanes.add("default", { maxParallel: Infinity, share: 4, apart: false });
  const mounts = new Mounts(() => TABLE);
  return { lanes, placing: new LaneRouting(lanes, defaultMountLimits, mounts) };
}

function make(name: OpName, registers: Partial<Request>): Request {
  const request = new Request(ops[name].code, decodeNone, () => {});
  return Object.assign(request, registers);
}

it.each([
  ["/mnt/nas/a", "/b"],
  ["/b", "/mnt/nas/a"],
])("of %s and %s the lane with less room is taken", (path, path2) => {
  const { lanes, placing } = makePlacing();
  const request = make("rename", { path, path2 });
  placing.place(request);
  expect(lanes.at(request.lane).name).toBe("/mnt/nas");
});

it("a descriptor stays in the lane of its open until it is closed", () => {
  const lanes = new Lanes(true, 8);
  for (const name of ["default", "bulk"])
    lanes.add(name, { maxParallel: Infinity, share: 4, apart: false });
  const placing = new LaneRouting(lanes, null);
  const laneOf = (name: OpName, registers: Partial<Request>): string => {
    const request = make(name, registers);
    placing.place(request);
    return lanes.at(request.lane).name;
  };
  const open = make("open", { path: "/x", laneName: "bulk" });
  placing.place(open);
  placing.done(open, 7);
  expect(laneOf("read", { fd: 7 })).toBe("bulk");
  expect(laneOf("close", { fd: 7 })).toBe("bulk");
  expect(laneOf("read", { fd: 7 })).toBe("default");
});
