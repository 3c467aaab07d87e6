// The runtime of a sanitizer that is in this process, and so in those that it starts (see scripts/test-sanitized.mjs). It knows
// what that means for other programs, and nothing of reports.
const preloaded = process.env["LD_PRELOAD"] ?? "";

/** A shell that ThreadSanitizer is put into says no word and ends. */
export const isThreadSanitized = preloaded.includes("tsan");

/** What it keeps of each byte, or of what was freed, counts as memory of the process. */
export const memoryFactor = /[at]san/.test(preloaded) ? 4 : 1;

/** For programs that are not ours. */
export const plainEnv: NodeJS.ProcessEnv = { ...process.env, LD_PRELOAD: "" };
