/** node:diagnostics_channel: named channels inside one sandbox. */
import { invalidType } from "../node-buffer/errors.ts";

type Subscriber = (message: unknown, name: string | symbol) => void;
interface Store {
  run(value: unknown, callback: () => unknown): unknown;
}

const channels = new Map<string | symbol, Channel>();

class Channel {
  readonly name: string | symbol;
  #subscribers: Subscriber[] = [];
  readonly #stores = new Map<Store, (message: unknown) => unknown>();

  constructor(name: string | symbol) {
    this.name = name;
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0 || this.#stores.size > 0;
  }

  subscribe(subscriber: Subscriber): void {
    if (typeof subscriber !== "function")
      throw invalidType("subscription", "of type function", subscriber);
    this.#subscribers = [...this.#subscribers, subscriber];
  }

  unsubscribe(subscriber: Subscriber): boolean {
    const before = this.#subscribers.length;
    this.#subscribers = this.#subscribers.filter((item) => item !== subscriber);
    return this.#subscribers.length < before;
  }

  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) subscriber(message, this.name);
  }

  bindStore(store: Store, transform: (message: unknown) => unknown = (message) => message): void {
    this.#stores.set(store, transform);
  }

  unbindStore(store: Store): boolean {
    return this.#stores.delete(store);
  }

  runStores(
    message: unknown,
    callback: (...args: unknown[]) => unknown,
    receiver?: unknown,
    ...args: unknown[]
  ): unknown {
    let run = (): unknown => {
      this.publish(message);
      return Reflect.apply(callback, receiver, args);
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => store.run(transform(message), inner);
    }
    return run();
  }
}

function channel(name: string | symbol): Channel {
  if (typeof name !== "string" && typeof name !== "symbol")
    throw invalidType("channel", "one of type string or symbol", name);
  let found = channels.get(name);
  if (found === undefined) channels.set(name, (found = new Channel(name)));
  return found;
}

const PHASES = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
type Phases = Record<(typeof PHASES)[number], Channel>;
type Callback = (...args: unknown[]) => unknown;

function tracingChannel(name: string | Phases): object {
  const phases = Object.fromEntries(
    PHASES.map((phase) => [
      phase,
      typeof name === "string" ? channel(`tracing:${name}:${phase}`) : name[phase],
    ]),
  ) as Phases;
  return {
    ...phases,
    get hasSubscribers() {
      return PHASES.some((phase) => phases[phase].hasSubscribers);
    },
    subscribe(handlers: Partial<Record<string, Subscriber>>) {
      for (const phase of PHASES)
        if (handlers[phase] !== undefined) phases[phase].subscribe(handlers[phase]);
    },
    unsubscribe(handlers: Partial<Record<string, Subscriber>>) {
      return PHASES.every(
        (phase) => handlers[phase] === undefined || phases[phase].unsubscribe(handlers[phase]),
      );
    },
    traceSync(
      callback: Callback,
      context: Record<string, unknown> = {},
      receiver?: unknown,
      ...args: unknown[]
    ) {
      return phases.start.runStores(context, () =>
        traced(phases, callback, context, receiver, args),
      );
    },
    tracePromise(
      callback: Callback,
      context: Record<string, unknown> = {},
      receiver?: unknown,
      ...args: unknown[]
    ) {
      return phases.start.runStores(context, () =>
        Promise.resolve(traced(phases, callback, context, receiver, args)),
      );
    },
  };
}

function traced(
  phases: Phases,
  callback: Callback,
  context: Record<string, unknown>,
  receiver: unknown,
  args: unknown[],
): unknown {
  try {
    return (context["result"] = Reflect.apply(callback, receiver, args));
  } catch (error) {
    context["error"] = error;
    phases.error.publish(context);
    throw error;
  } finally {
    phases.end.publish(context);
  }
}

export const diagnosticsChannel = {
  channel,
  hasSubscribers: (name: string | symbol) => channels.get(name)?.hasSubscribers === true,
  subscribe: (name: string | symbol, subscriber: Subscriber) => channel(name).subscribe(subscriber),
  unsubscribe: (name: string | symbol, subscriber: Subscriber) =>
    channel(name).unsubscribe(subscriber),
  tracingChannel,
  Channel,
};
