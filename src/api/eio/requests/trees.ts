// cptree and cpfile: a whole tree, or one file, in one hop; a tree by the rules of fs.cp with what IO::AIO's copies keep: times, and links as they
// are. The rules themselves are src/ops/copy-rules.ts's.
import { copySwitches, type CopyOptions } from "../../../ops/copy-steps.ts";
import { plain } from "../declare.ts";

const options: CopyOptions = {
  dereference: false,
  errorOnExist: false,
  force: true,
  mode: 0,
  preserveTimestamps: true,
  recursive: true,
  verbatimSymlinks: true,
  filtered: false,
};
const switches = copySwitches(options);

export const treeRequests = {
  cptree: plain(
    "cptree",
    [
      ["path", "path"],
      ["new_path", "path"],
    ],
    {
      about:
        "Copies a file or a tree, with modes and times, and links as they are. What was copied before an error stays.",
      complete(request) {
        request.a = switches;
        return 0;
      },
    },
  ),
  cpfile: plain(
    "cpfile",
    [
      ["path", "path"],
      ["new_path", "path"],
    ],
    {
      about:
        "Copies one file in one hop, as `copy` does, which is a group with this as its member.",
    },
  ),
};
