// The live page: what an instance does, in a browser, as it goes on.
export { livePage } from "./live-page.ts";
export type { LivePageHandler, LivePageOptions } from "./live-page.ts";
export type { Allow } from "./access.ts";
