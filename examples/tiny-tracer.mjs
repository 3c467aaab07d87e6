// What an OpenTelemetry SDK does, in as little as the example needs: contexts that follow promises, and spans
// that are kept in a list. With the real @opentelemetry/api it is put behind that; without, it has the
// shape of the part that is used.
import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

/** The spans that have ended. */
export const ended = [];

class Span {
  #context;
  constructor(name, parent, attributes) {
    const traceId =
      parent?.spanContext().traceId ?? randomBytes(16).toString("hex");
    this.#context = {
      ...{ traceId, traceFlags: 1 },
      spanId: randomBytes(8).toString("hex"),
    };
    this.name = name;
    this.parentSpanId = parent?.spanContext().spanId;
    this.attributes = { ...attributes };
    this.status = { code: 0 };
  }
  spanContext() {
    return this.#context;
  }
  setAttributes(attributes) {
    Object.assign(this.attributes, attributes);
    return this;
  }
  setStatus(status) {
    this.status = status;
    return this;
  }
  end() {
    ended.push(this);
  }
}

class Context {
  #values;
  constructor(values = []) {
    this.#values = new Map(values);
  }
  getValue(key) {
    return this.#values.get(key);
  }
  setValue(key, value) {
    return new Context([...this.#values, [key, value]]);
  }
  deleteValue(key) {
    return new Context([...this.#values].filter(([name]) => name !== key));
  }
}

const store = new AsyncLocalStorage();
const managerFrom = (root) => ({
  active: () => store.getStore() ?? root,
  with: (context, work, self, ...args) =>
    store.run(context, () => work.apply(self, args)),
  bind:
    (context, work) =>
    (...args) =>
      store.run(context, () => work(...args)),
  enable() {
    return this;
  },
  disable() {
    return this;
  },
});
const providerFrom = (trace) => ({
  getTracer: () => ({
    startSpan: (name, { attributes } = {}, context) =>
      new Span(name, context && trace.getSpan(context), attributes),
  }),
});

/** Stands in for the SDK of whoever has the real API. */
export function standIn(api) {
  api.context.setGlobalContextManager(managerFrom(api.ROOT_CONTEXT));
  api.trace.setGlobalTracerProvider(providerFrom(api.trace));
  return api;
}

/** Stands in for both. */
export function alone() {
  const key = Symbol("span");
  const trace = {
    getSpan: (context) => context.getValue(key),
    setSpan: (context, span) => context.setValue(key, span),
  };
  return {
    context: managerFrom(new Context()),
    trace: { ...trace, ...providerFrom(trace) },
    SpanStatusCode: { UNSET: 0, OK: 1, ERROR: 2 },
  };
}
