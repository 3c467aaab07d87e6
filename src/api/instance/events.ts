// The events of an instance: on, once, off, as of Node's own emitters, and typed. The engine is
// listened to from the first listener on.
import { EventEmitter } from "node:events";
import { inspect } from "node:util";
import type { Engine } from "../../engine/engine.ts";
import { misuseError } from "../../util/errors.ts";
import { describeStuck, type StuckRequest } from "../observe/stuck-request.ts";

export interface EioEvents {
  /** A request runs for longer than `stuckAfterMs`; reported once for each. */
  stuck: [request: StuckRequest];
}

type Listener<E extends keyof EioEvents> = (...args: EioEvents[E]) => void;

export class Events {
  readonly #emitter = new EventEmitter();
  readonly #engine: () => Engine;

  /** @internal */
  constructor(engine: () => Engine) {
    this.#engine = engine;
  }

  /** Calls the listener at each event, as an EventEmitter does. */
  on<E extends keyof EioEvents>(event: E, listener: Listener<E>): this {
    this.#listen(event);
    this.#emitter.on(event, listener as () => void);
    return this;
  }

  /** The next one only. */
  once<E extends keyof EioEvents>(event: E, listener: Listener<E>): this {
    this.#listen(event);
    this.#emitter.once(event, listener as () => void);
    return this;
  }

  /** Takes the listener away again. */
  off<E extends keyof EioEvents>(event: E, listener: Listener<E>): this {
    this.#emitter.off(event, listener as () => void);
    return this;
  }

  /** How many listeners the event has. */
  listenerCount(event: keyof EioEvents): number {
    return this.#emitter.listenerCount(event);
  }

  /** The requests that run for longer than `stuckAfterMs` now. */
  stuck(): StuckRequest[] {
    const engine = this.#engine();
    return engine.watch.list().map((running) => describeStuck(engine, running));
  }

  #listen(event: unknown): void {
    if (event !== "stuck")
      throw misuseError(
        "ERR_EIO_INVALID_OPTION",
        "event",
        'the only one that there is, "stuck"',
        inspect(event),
      );
    const engine = this.#engine();
    engine.watch.stuck = (running) =>
      void this.#emitter.emit("stuck", describeStuck(engine, running));
  }
}
