// The child process of the bench: runs the one case that it was started with, and sends its result, or
// its failure, to whoever started it. It makes and removes no files.
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

if (isMainThread) {
  // The parent is gone: there is nobody to work for.
  process.on("disconnect", () => process.exit(1));
  const reply = await answer(JSON.parse(process.argv[2]!) as Order);
  if (process.send === undefined) {
    console.log(JSON.stringify(reply));
    process.exit(0);
  }
  process.send(reply, () => process.exit(0));
} else {
  await serve();
}
