// What a C program passes and others hardly do: offsets of 64 bits, all bits of a flag word, transfers beyond 2 GiB,
// folders of many thousand bytes, limits of 0.
import {
  badFd,
  counts,
  dir,
  fd,
  file,
  flags,
  hold,
  look,
  opened,
  pollAll,
  position,
  raw,
  release,
  request,
  run,
  scenario,
  symlink,
  text,
  wide,
  type Scenario,
  type Step,
} from "../scenario.ts";

const far = 2n ** 53n + 1n;
/** tmpfs takes offsets of 63 bits. */
const roomy: Step[] = [
  { step: "file", path: { other: "far" } },
  opened("h", { other: "far" }),
];
const LONG = "n".repeat(200);
const large: Step[] = [
  dir("large"),
  ...Array.from({ length: 1400 }, (_, i) =>
    i % 100 === 0
      ? dir(`large/${LONG}${i}`)
      : file(`large/${LONG}${i}.${"x".repeat(i % 7)}`),
  ),
];
const group = (id: string): Step => ({ step: "group", id, then: [] });
const nops = Array.from({ length: 6 }, (_, i) => request("nop", `n${i}`));
const GIB = 2 ** 30;

export const cPrograms: Scenario[] = [
  scenario("far: seek", [
    roomy,
    run("seek", [fd("h"), wide(2n ** 60n), 0], "2 ^ 60"),
    run("seek", [fd("h"), wide(-(2n ** 59n)), 1], "half of it back"),
    run("seek", [fd("h"), wide(2n ** 62n), 1], "on"),
    run("seek", [fd("h"), wide(-(2n ** 63n)), 1], "in front of the file"),
    run("seek", [fd("h"), 0, 0], "home"),
    position("h"),
  ]),
  scenario("far: ftruncate, write and read", [
    roomy,
    run("truncate", [fd("h"), wide(far)], "ftruncate"),
    run("write", [fd("h"), wide(far), text("far"), 3]),
    run("read", [fd("h"), wide(far - 1n), 8], "read"),
    run("read", [fd("h"), wide(far + 3n), 8], "at the end"),
    run("read", [fd("h"), wide(2n ** 62n), 8], "past the end"),
    run("truncate", [{ other: "far" }, wide(far - 2n)], "by path"),
    run("read", [fd("h"), wide(far - 4n), 8], "read after it"),
  ]),
  scenario("far: refused by a smaller file system", [
    file("f", "hello"),
    opened("h", "f"),
    run("seek", [fd("h"), wide(2n ** 62n), 0]),
    run("write", [fd("h"), wide(2n ** 62n), text("x"), 1]),
    run("truncate", [fd("h"), wide(2n ** 62n)]),
    run("truncate", ["f", wide(-far)], "negative"),
    look("f"),
  ]),
  scenario("far: allocate, readahead, sync_file_range", [
    roomy,
    badFd,
    run("readahead", [fd("h"), wide(far), 10]),
    run("sync_file_range", [fd("h"), wide(far), 10, 2], "sync"),
    run("sync_file_range", [fd("bad"), wide(far), 10, 2], "closed"),
    run("allocate", [fd("h"), 0, wide(-far), 10], "negative"),
  ]),
  scenario("bits: modes of -1", [
    file("f"),
    run("chmod", ["f", -1]),
    look("f"),
    run("mkdir", ["d", -1]),
    look("d"),
  ]),
  scenario("bits: flags of -1", [
    file("f"),
    opened("h", "f"),
    run("sync_file_range", [fd("h"), 0, 1, -1]),
    run("rename2", ["f", "g", -1]),
    run("allocate", [fd("h"), -1, 0, 10]),
    run("mlockall", [-1]),
    run("seek", [fd("h"), 0, -1]),
    run("open", ["f", -1, 0]),
  ]),
  scenario("sendfile: more than 2 GiB", [
    {
      step: "sparse",
      path: { other: "sparse" },
      size: 2 * GIB + 4096,
      parts: [],
    },
    opened("in", { other: "sparse" }, "O_RDONLY"),
    opened("out", raw("/dev/null"), "O_WRONLY"),
    run("sendfile", [fd("out"), fd("in"), 0, 2 * GIB + 4096], "all"),
    run("sendfile", [fd("out"), fd("in"), 1, 3 * GIB], "past the end"),
  ]),
  scenario("readdir: more than 256 KiB of entries", [
    large,
    run("readdir", ["large"]),
    run("readdirx", ["large", flags("READDIR_DENTS")], "dents"),
    run(
      "readdirx",
      ["large", flags("READDIR_DENTS|READDIR_DIRS_FIRST|READDIR_STAT_ORDER")],
      "all flags",
    ),
    run("readdirx", ["large", flags("READDIR_DIRS_FIRST")], "dirs first"),
    run("scandir", ["large", 0]),
  ]),
  scenario("rmtree: more than 256 KiB of entries", [
    large,
    symlink("large", "link"),
    run("rmtree", ["large"]),
    { step: "tree", path: "" },
  ]),
  scenario("feed: a limit of 0 before it", [
    hold,
    group("g"),
    { step: "limit", group: "g", value: 0 },
    { step: "feed", group: "g", requests: nops },
    counts,
    release,
    pollAll,
  ]),
  scenario("feed: a limit below 0 before it", [
    hold,
    group("g"),
    { step: "limit", group: "g", value: -3 },
    { step: "feed", group: "g", requests: nops },
    counts,
    release,
    pollAll,
  ]),
  scenario("feed: paused and on again", [
    hold,
    group("g"),
    { step: "feed", group: "g", requests: nops, limit: 3 },
    { step: "limit", group: "g", value: 0 },
    counts,
    { step: "limit", group: "g", value: 4 },
    counts,
    release,
    pollAll,
  ]),
];
