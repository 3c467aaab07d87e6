// The child process of the bench: runs the one case that it was started with, or those that it is sent one after the other, and
// sends each result, or failure, to whoever started it. It makes and removes no files.
import { isMainThread } from "node:worker_threads";
import { WARM, type Answer, type Failure, type Order } from "../case.ts";
import { run, serve } from "./threads.ts";

async function answer(order: Order): Promise<Answer> {
  try {
    return { result: await run(order, () => warm(order)) };
  } catch (error) {
    return { failure: failureOf(error as NodeJS.ErrnoException) };
  }
}

/** What is to be read cold is dropped from the page cache now, by who made it. */
async function warm(order: Order): Promise<void> {
  if (!order.case.cold || process.send === undefined) return;
  const dropped = new Promise((resolve) => process.once("message", resolve));
  process.send(WARM);
  await dropped;
}

function failureOf({ message, code, path }: NodeJS.ErrnoException): Failure {
  return {
    message,
    ...(code === undefined ? {} : { code }),
    ...(path === undefined ? {} : { path }),
  };
}

async function runOnly(order: Order): Promise<void> {
  const reply = await answer(order);
  if (process.send !== undefined)
    return void process.send(reply, () => process.exit(0));
  console.log(JSON.stringify(reply));
  process.exit(0);
}

async function serveOrder(order: Order): Promise<void> {
  process.send!(await answer(order));
}

if (isMainThread) {
  // The parent is gone: there is nobody to work for.
  process.on("disconnect", () => process.exit(1));
  const given = process.argv[2];
  if (given === undefined)
    process.on("message", (order) => void serveOrder(order as Order));
  else await runOnly(JSON.parse(given) as Order);
} else {
  await serve();
}
