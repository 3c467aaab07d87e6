// eio.copyFile: a copy that reports what was copied, with a digest if one is wanted, which the thread that copies computes on the
// way. Node's own copyFile, which reports nothing, is one of paths.ts.
import { constants, type PathLike } from "node:fs";
import {
  DigestKind,
  decodeCopyReport,
  type DigestName,
} from "../../ops/copy-result.ts";
import { ops } from "../../ops/table.ts";
import { Request } from "../../request/request.ts";
import { decodeBytes } from "../../request/results.ts";
import { invalidArgType, invalidArgValue } from "../argument-errors.ts";
import { ownOptions } from "../misspelt.ts";
import type { RequestOptions } from "../request-options.ts";
import { promised, settlePromise } from "../submit.ts";
import type { Submitter } from "../submitter.ts";
import { integer, pathOf } from "../sys/check.ts";
import { applyTerms, termsOf, type Terms } from "../terms.ts";

export interface CopyFileOptions extends RequestOptions {
  /** As that of fs.copyFile. */
  mode?: number | undefined;
  /** What to compute of the data while it is copied: then it is read and written, and neither shared nor copied by the file system. */
  digest?: DigestName | undefined;
}

export interface CopiedFile {
  /** The length of the copy. */
  bytes: number;
  /** In hexadecimal, if one was wanted. */
  digest?: string;
  /** With `cache: "direct"`: whether no data passed through the page cache, but for what is no whole block at the end; else it was as `drop`. */
  direct?: boolean;
}

const checkOptions = ownOptions<CopyFileOptions>({ mode: true, digest: true });
const { COPYFILE_FICLONE_FORCE } = constants;
const MODE_MAX = 7;

export async function copyFile(
  engine: Submitter,
  src: PathLike,
  dest: PathLike,
  options: CopyFileOptions = {},
): Promise<CopiedFile> {
  checkOptions(options);
  const mode = integer("options.mode", options.mode ?? 0, 0, MODE_MAX);
  const kind = digestKind(options.digest, mode);
  const terms = termsOf(engine, options);
  const request = new Request(ops.copyDigest.code, decodeBytes, settlePromise);
  request.path = pathOf("src", src);
  request.path2 = pathOf("dest", dest);
  request.a = mode;
  request.b = kind;
  const report = await promised<Buffer>(engine, applyTerms(request, terms));
  return copiedFile(report, kind, terms);
}

/** What the op's report says, as far as it was asked for. */
export function copiedFile(
  report: Buffer,
  kind: number,
  { passesCache }: Terms,
): CopiedFile {
  const { bytes, digest, direct } = decodeCopyReport(report);
  return {
    bytes,
    ...(kind === DigestKind.none ? {} : { digest: digest.toString("hex") }),
    ...(passesCache ? { direct } : {}),
  };
}

/** Throws where there is no such digest, or the mode leaves nothing to compute it of. */
export function digestKind(digest: unknown, mode: number): number {
  const kind = kindOf(digest);
  if (kind !== DigestKind.none && (mode & COPYFILE_FICLONE_FORCE) !== 0)
    throw invalidArgValue(
      "options.mode",
      mode,
      "must not force a clone, of which nothing is read, with a digest",
    );
  return kind;
}

function kindOf(digest: unknown): number {
  if (digest === undefined) return DigestKind.none;
  if (typeof digest !== "string")
    throw invalidArgType("options.digest", "of type string", digest);
  if (digest !== "sha256" && digest !== "crc32c")
    throw invalidArgValue("options.digest", digest, "must be sha256 or crc32c");
  return DigestKind[digest];
}
