// How a function that the user gave is called: in the async context of its call, where what it throws
// surfaces, too. It does not know what the function is given, nor when it is its turn.
import { AsyncResource } from "node:async_hooks";
import { surface } from "../../engine/polling.ts";

/** Node's callbacks: an error, or null and the values. */
export type Callback = (error: Error | null, ...values: unknown[]) => void;

/** Returns what the function returns; undefined where it throws. */
export const callIn = <Values extends unknown[]>(
  resource: AsyncResource,
  callback: (...values: Values) => unknown,
  values: Values,
): unknown => resource.runInAsyncScope(call, undefined, callback, values);

function call<Values extends unknown[]>(
  callback: (...values: Values) => unknown,
  values: Values,
): unknown {
  try {
    return callback(...values);
  } catch (error) {
    surface(error);
    return undefined;
  }
}

/** Otherwise it would be destroyed when it is collected, and pass for something left open until then. */
const BY_HAND = { requireManualDestroy: true };

/** A call with a callback as async hooks see it: of Node's type, and destroyed behind its callback. */
export class CallbackScope extends AsyncResource {
  constructor() {
    super("FSREQCALLBACK", BY_HAND);
  }

  end<Values extends unknown[]>(
    callback: (...values: Values) => unknown,
    values: Values,
  ): void {
    callIn(this, callback, values);
    this.emitDestroy();
  }
}
