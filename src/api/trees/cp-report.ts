// eio.cp: a copy of a file or a tree that reports each file that was copied, with a digest if one is wanted, which the thread that
// copies computes on the way. Node's own cp, which reports nothing, is cp.ts; which steps there are is not known here.
import type { CopyOptions as NodeCopyOptions, PathLike } from "node:fs";
import {
  pathOf as bytesPath,
  textOf,
  type ByteText,
} from "../../ops/byte-text.ts";
import type { DigestName } from "../../ops/copy-result.ts";
import { outward } from "../../request/errors.ts";
import { decodeBytes } from "../../request/results.ts";
import { invalidArgType } from "../argument-errors.ts";
import { callNodePromise } from "../call-forms.ts";
import { copiedFile, digestKind, type CopiedFile } from "../files/copy-file.ts";
import { ownOptions } from "../misspelt.ts";
import type { RequestOptions } from "../request-options.ts";
import type { Submitter } from "../submitter.ts";
import { pathOf } from "../sys/check.ts";
import { termsOf, type Terms } from "../terms.ts";
import { copyByRequests, type AsyncSteps } from "./cp-filtered.ts";
import { acceptCopy, all } from "./cp.ts";
import type { Steps } from "./steps.ts";

export interface CpOptions extends NodeCopyOptions, RequestOptions {
  /** What to compute of each file while it is copied: then it is read and written, and neither shared nor copied by the file system. */
  digest?: DigestName | undefined;
}

const checkOptions = ownOptions<CpOptions>({
  dereference: true,
  errorOnExist: true,
  filter: true,
  force: true,
  mode: true,
  preserveTimestamps: true,
  recursive: true,
  verbatimSymlinks: true,
  digest: true,
});

/** Files that are copied at once; folders are gone through in order. */
const AT_ONCE = 8;

export async function cp(
  engine: Submitter,
  src: PathLike,
  dest: PathLike,
  options: CpOptions = {},
): Promise<Map<string, CopiedFile>> {
  checkOptions(options);
  const paths = [pathOf("src", src), pathOf("dest", dest)];
  for (const [i, path] of paths.entries())
    if (typeof path !== "string")
      throw invalidArgType(
        i === 0 ? "src" : "dest",
        "of type string or URL",
        path,
      );
  const { digest, ...given } = options;
  const kind = digestKind(digest, options.mode ?? 0);
  const taken = acceptCopy([...paths, given]);
  // It has words for what is wrong.
  if (taken === null) {
    await callNodePromise("cp", [...paths, given]);
    throw invalidArgType("options", "those of fs.cp", options);
  }
  const terms = termsOf(engine, options);
  const copies = new Copies(kind, terms);
  const { filter = all } = taken;
  const copying = copyByRequests(
    engine,
    ...([taken.src, taken.dest, taken.options, filter, terms] as const),
    (requests, own) =>
      copies.steps(requests, own, !taken.options.preserveTimestamps),
  );
  await outward(copies.ended(copying));
  return copies.files;
}

/** The copies of files, some of them under way; what comes after a file in the same folder waits for none of them. */
class Copies {
  readonly files = new Map<string, CopiedFile>();
  readonly #kind: number;
  readonly #terms: Terms;
  readonly #running = new Set<Promise<void>>();
  #failure: { error: unknown } | null = null;

  constructor(kind: number, terms: Terms) {
    this.#kind = kind;
    this.#terms = terms;
  }

  steps(requests: Steps, own: AsyncSteps, ahead: boolean): Partial<AsyncSteps> {
    return {
      copyFile: async (src, dest, mode) => {
        const copy = this.#copy(requests, src, dest, mode);
        // Times are set behind it.
        if (!ahead) return copy;
        const running = copy
          .catch((error: unknown) => void (this.#failure ??= { error }))
          .finally(() => this.#running.delete(running));
        this.#running.add(running);
        if (this.#running.size >= AT_ONCE) await Promise.race(this.#running);
        this.#throw();
      },
      // A folder may not let anybody write any more after it.
      chmod: async (...operands) => {
        await Promise.all(this.#running);
        this.#throw();
        return own.chmod(...operands);
      },
    };
  }

  async #copy(
    requests: Steps,
    src: ByteText,
    dest: ByteText,
    mode: number,
  ): Promise<void> {
    const name = textOf(dest);
    // In the order in which they began.
    this.files.set(name, { bytes: 0 });
    const fields = {
      path: bytesPath(src),
      path2: bytesPath(dest),
      a: mode,
      b: this.#kind,
    };
    const report = await requests.run<Buffer>(
      "copyDigest",
      fields,
      decodeBytes,
    );
    this.files.set(name, copiedFile(report, this.#kind, this.#terms));
  }

  /** Nothing of the copy goes on behind its end, however it ends. */
  async ended(copying: Promise<void>): Promise<void> {
    try {
      await copying;
    } finally {
      await Promise.all(this.#running);
    }
    this.#throw();
  }

  #throw(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
