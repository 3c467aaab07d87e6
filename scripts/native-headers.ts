// What the C core must know of the table of ops and of the slot, as C headers. It makes
// texts; generate.mjs writes them to files.
import { sysOps } from "../src/ops/sys-ops.ts";
import { ops, type Op } from "../src/ops/table.ts";
import * as layout from "../src/request/layout.ts";
import { fileSystemOf, fileSystemTypes } from "../src/util/file-systems.ts";

const head = (from: string): string =>
  `// Generated from ${from} by \`npm run generate\`; not to be edited.\n#pragma once\n\n`;

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/**
 * EIO_OPS(X) calls X(name, code) for every op that Node's fs knows, EIO_SYS_OPS(X) for those of
 * eio.sys: a table made of them cannot miss one. EIO_FD_OPS(X) are those of both that return a descriptor.
 */
function opsHeader(): string {
  const entries = Object.entries<Op>(ops);
  const rows = (listed: (name: string, op: Op) => boolean): string =>
    entries
      .filter(([name, op]) => listed(name, op))
      .map(([name, { code }]) => `  X(${name}, ${code})`)
      .join(" \\\n");
  const isSys = (name: string): boolean => Object.hasOwn(sysOps, name);
  const codesMax = Math.max(...entries.map(([, { code }]) => code)) + 1;
  return (
    head("src/ops/table.ts") +
    `#define EIO_OPS(X) \\\n${rows((name) => !isSys(name))}\n\n` +
    `#define EIO_SYS_OPS(X) \\\n${rows(isSys)}\n\n` +
    `#define EIO_FD_OPS(X) \\\n${rows((_name, { result }) => result === "fd")}\n\n` +
    `#define EIO_OP_CODES ${codesMax}\n`
  );
}

function layoutHeader(): string {
  const group = (name: string, values: Record<string, number>): string =>
    Object.entries(values)
      .map(([key, value]) => `#define ${name}_${snake(key)} ${value}\n`)
      .join("") + "\n";
  const { Control, Slot, SlotFlag, Numbers, State } = layout;
  const { Outcome, Special, TimeForm } = layout;
  const { SLOT_WORDS, BLOCK_BYTES, RING_HEADER, HEAD, TAIL } = layout;
  return (
    head("src/request/layout.ts") +
    group("CONTROL", Control) +
    group("SLOT", Slot) +
    group("FLAG", SlotFlag) +
    group("NUMBERS", Numbers) +
    group("STATE", State) +
    group("OUTCOME", Outcome) +
    group("SPECIAL", Special) +
    group("TIME", TimeForm) +
    group("RING", { header: RING_HEADER, head: HEAD, tail: TAIL }) +
    `#define RESOLVE_SHIFT ${layout.RESOLVE_SHIFT}\n#define SLOT_WORDS ${SLOT_WORDS}\n#define BLOCK_BYTES ${BLOCK_BYTES}\n`
  );
}

/** Types of file systems that do not respond by themselves. `fuse.` and a name is one, whatever the name. */
function fileSystemsHeader(): string {
  const rows = fileSystemTypes
    .filter((type) => fileSystemOf(type).by !== "machine")
    .map((type) => `  "${type}",`)
    .join(" \\\n");
  return (
    head("src/util/file-systems.ts") +
    `#define OTHERS_FILE_SYSTEMS \\\n${rows}\n`
  );
}

export const nativeHeaders = (): Record<string, string> => ({
  "native-aio/src/ops.gen.h": opsHeader(),
  "native-aio/src/layout.gen.h": layoutHeader(),
  "native-aio/src/file-systems.gen.h": fileSystemsHeader(),
});
