// `node --import node-eio/register app.js`: the process's fs functions become ours as this is loaded.
// A worker of the pool loads it too when the flag is inherited; there nothing is to be replaced.
import { inWorkerOfOurs } from "./backends/thread-limits.ts";
import { register } from "./api/register/register.ts";

if (!inWorkerOfOurs()) register();

export { isRegistered, register, unregister } from "./api/register/register.ts";
