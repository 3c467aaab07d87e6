// The order of test files: those that start programs first, since a long one that begins last leaves processors with nothing to do.
// EIO_TEST_ORDER=reverse turns it round, for files that share a process; it knows no file.
import fs from "node:fs";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const STARTS_PROGRAMS =
  /child_process|helpers\/(?:run-node|program)\b|stress\//;

export class LongFirst extends BaseSequencer {
  override async sort(
    files: TestSpecification[],
  ): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const startsPrograms = ({ moduleId }: TestSpecification): boolean =>
      STARTS_PROGRAMS.test(fs.readFileSync(moduleId, "utf8"));
    const ordered = [
      ...sorted.filter(startsPrograms),
      ...sorted.filter((file) => !startsPrograms(file)),
    ];
    return process.env["EIO_TEST_ORDER"] === "reverse"
      ? ordered.reverse()
      : ordered;
  }
}
