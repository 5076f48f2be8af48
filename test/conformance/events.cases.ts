/** Events, targets, DOMException and abort signals by the DOM standard, without a tree. */
import type { CaseTable } from "./outcomes.ts";

const thrown = (run: () => unknown): string => {
  try {
    return `gave ${String(run())}`;
  } catch (error) {
    return error instanceof Error || error instanceof DOMException
      ? error.name
      : `a ${typeof error}`;
  }
};
const shape = (object: object, key: string): unknown => {
  const found = Object.getOwnPropertyDescriptor(object, key);
  return (
    found && [
      typeof found.value,
      typeof found.get,
      typeof found.set,
      found.enumerable,
      found.configurable,
    ]
  );
};

const event: CaseTable = {
  "a new event": () => {
    const e = new Event("kind");
    return [
      e.type,
      e.bubbles,
      e.cancelable,
      e.composed,
      e.defaultPrevented,
      e.eventPhase,
      e.isTrusted,
      e.target,
      e.currentTarget,
      e.srcElement,
      e.returnValue,
      e.cancelBubble,
      e.composedPath(),
      typeof e.timeStamp,
    ];
  },
  "types are strings": () => [
    new Event(undefined as never).type,
    new Event(null as never).type,
    new Event(1 as never).type,
  ],
  "constructor refusals": () => [
    thrown(() => new (Event as never as new () => Event)()),
    thrown(() => new Event("a", 1 as never)),
    thrown(() => (Event as never as (a: string) => void)("a")),
  ],
  "null and undefined as init": () => [
    new Event("a", null as never).bubbles,
    new Event("a", undefined).bubbles,
  ],
  "init members are truthy or not": () => [
    new Event("a", { bubbles: 1 as never }).bubbles,
    new Event("a", { cancelable: "" as never }).cancelable,
  ],
  constants: () => [
    Event.NONE,
    Event.CAPTURING_PHASE,
    Event.AT_TARGET,
    Event.BUBBLING_PHASE,
    Event.prototype.AT_TARGET,
    shape(Event, "AT_TARGET"),
  ],
  "members are enumerable": () => [
    shape(Event.prototype, "type"),
    shape(Event.prototype, "preventDefault"),
    shape(Event.prototype, "returnValue"),
    Object.prototype.toString.call(new Event("a")),
  ],
  "isTrusted is an own accessor that all events share": () => {
    const [a, b] = [new Event("a"), new Event("b")].map((e) =>
      Object.getOwnPropertyDescriptor(e, "isTrusted"),
    );
    return [a?.get === b?.get, a?.configurable, a?.enumerable, a?.set === undefined];
  },
  "getters refuse foreign objects": () => [
    thrown(() => Reflect.get(Event.prototype, "type", {})),
    thrown(() => Event.prototype.preventDefault.call({} as Event)),
  ],
  "preventDefault needs cancelable": () => {
    const [a, b] = [new Event("a"), new Event("a", { cancelable: true })];
    a.preventDefault();
    b.preventDefault();
    return [a.defaultPrevented, b.defaultPrevented, b.returnValue];
  },
  "returnValue false cancels and true does nothing": () => {
    const e = new Event("a", { cancelable: true });
    e.returnValue = false;
    e.returnValue = true;
    return [e.defaultPrevented, e.returnValue];
  },
  initEvent: () => {
    const e = new Event("a");
    e.initEvent("b", true, true);
    return [
      e.type,
      e.bubbles,
      e.cancelable,
      thrown(() => (e as never as { initEvent(): void }).initEvent()),
    ];
  },
  lengths: () => [
    Event.length,
    CustomEvent.length,
    MessageEvent.length,
    CloseEvent.length,
    ErrorEvent.length,
    ProgressEvent.length,
  ],
};

const types: CaseTable = {
  CustomEvent: () => {
    const e = new CustomEvent("a", { detail: 5, cancelable: true });
    return [
      e.detail,
      e.cancelable,
      new CustomEvent("a").detail,
      new CustomEvent("a", { detail: undefined }).detail,
    ];
  },
  MessageEvent: () => {
    const e = new MessageEvent("m", { data: { a: 1 }, origin: "o", lastEventId: "i" });
    const blank = new MessageEvent("m");
    return [
      e.data,
      e.origin,
      e.lastEventId,
      blank.data,
      blank.origin,
      blank.source,
      blank.ports,
      Object.isFrozen(blank.ports),
    ];
  },
  CloseEvent: () => {
    const e = new CloseEvent("close", { wasClean: true, code: 65_537, reason: "r" });
    return [e.wasClean, e.code, e.reason, new CloseEvent("close").code];
  },
  ErrorEvent: () => {
    const e = new ErrorEvent("error", {
      message: "m",
      filename: "f",
      lineno: 1,
      colno: -1,
      error: "x",
    });
    return [e.message, e.filename, e.lineno, e.colno, e.error];
  },
  ProgressEvent: () => {
    const e = new ProgressEvent("p", { lengthComputable: true, loaded: 1, total: 2 });
    return [e.lengthComputable, e.loaded, e.total];
  },
  PromiseRejectionEvent: () => {
    const promise = Promise.resolve();
    const e = new PromiseRejectionEvent("unhandledrejection", { promise, reason: 1 });
    return [
      e.promise === promise,
      e.reason,
      thrown(() => new PromiseRejectionEvent("a", {} as never)),
      thrown(() => new (PromiseRejectionEvent as never as new (a: string) => void)("a")),
    ];
  },
  inheritance: () =>
    [CustomEvent, MessageEvent, CloseEvent, ErrorEvent, ProgressEvent, PromiseRejectionEvent].map(
      (Type) => [
        Object.getPrototypeOf(Type) === Event,
        Object.getPrototypeOf(Type.prototype) === Event.prototype,
        Type.name,
      ],
    ),
  "a subclass of a script": () => {
    class Mine extends CustomEvent<number> {
      get double() {
        return this.detail * 2;
      }
    }
    const target = new EventTarget();
    let seen: unknown;
    target.addEventListener("a", (e) => {
      seen = [(e as Mine).double, e instanceof Mine];
    });
    target.dispatchEvent(new Mine("a", { detail: 4 }));
    return seen;
  },
};

function record(
  setUp: (target: EventTarget, say: (word: string) => void) => void,
  e = new Event("a", { cancelable: true }),
): unknown {
  const target = new EventTarget();
  const log: string[] = [];
  setUp(target, (word) => log.push(word));
  const answer = target.dispatchEvent(e);
  return [log, answer, e.defaultPrevented, e.eventPhase, e.currentTarget, e.target === target];
}

const target: CaseTable = {
  "listeners run in their order, those that capture first": () =>
    record((t, say) => {
      t.addEventListener("a", () => say("one"));
      t.addEventListener("a", () => say("capture"), true);
      t.addEventListener("a", () => say("two"), { capture: false });
      t.addEventListener("b", () => say("other"));
    }),
  "the same listener counts once for each phase": () =>
    record((t, say) => {
      const listener = (): void => say("x");
      t.addEventListener("a", listener);
      t.addEventListener("a", listener, { capture: false, once: true });
      t.addEventListener("a", listener, true);
    }),
  "what a listener sees": () => {
    let seen: unknown;
    const t = new EventTarget();
    t.addEventListener("a", function (this: unknown, e) {
      seen = [
        this === t,
        e.currentTarget === t,
        e.eventPhase,
        e.composedPath().length,
        e.isTrusted,
      ];
    });
    t.dispatchEvent(new Event("a"));
    return seen;
  },
  "handleEvent is looked up at each call": () =>
    record((t, say) => {
      const listener = {
        handleEvent(this: unknown) {
          say(this === listener ? "mine" : "other");
          listener.handleEvent = () => say("second");
        },
      };
      t.addEventListener("a", listener);
      t.dispatchEvent(new Event("a"));
    }),
  once: () =>
    record((t, say) => {
      t.addEventListener("a", () => say("once"), { once: true });
      t.dispatchEvent(new Event("a"));
    }),
  "once that dispatches again": () =>
    record((t, say) => {
      t.addEventListener(
        "a",
        () => {
          say("once");
          t.dispatchEvent(new Event("a"));
        },
        { once: true },
      );
    }),
  "passive cannot cancel": () =>
    record((t) => t.addEventListener("a", (e) => e.preventDefault(), { passive: true })),
  "cancelling gives false": () => record((t) => t.addEventListener("a", (e) => e.preventDefault())),
  "what a listener returns does not matter": () =>
    record((t) => t.addEventListener("a", () => false)),
  stopImmediatePropagation: () =>
    record((t, say) => {
      t.addEventListener("a", (e) => {
        say("one");
        e.stopImmediatePropagation();
      });
      t.addEventListener("a", () => say("two"));
    }),
  "stopPropagation in the capture phase": () =>
    record((t, say) => {
      t.addEventListener("a", () => say("bubble"));
      t.addEventListener(
        "a",
        (e) => {
          say("capture");
          e.stopPropagation();
        },
        true,
      );
      t.addEventListener("a", () => say("capture two"), true);
    }),
  "stopped before it starts": () => {
    const e = new Event("a");
    e.stopPropagation();
    return [record((t, say) => t.addEventListener("a", () => say("ran")), e), e.cancelBubble];
  },
  "listeners added meanwhile wait, those removed do not run": () =>
    record((t, say) => {
      const late = (): void => say("late");
      const gone = (): void => say("gone");
      t.addEventListener("a", () => {
        t.addEventListener("a", late);
        t.removeEventListener("a", gone);
      });
      t.addEventListener("a", gone);
    }),
  "a signal removes": () => {
    const controller = new AbortController();
    return [
      record((t, say) => {
        t.addEventListener("a", () => say("one"), { signal: controller.signal });
        t.addEventListener("a", () => controller.abort());
        t.addEventListener("a", () => say("three"), { signal: controller.signal });
        t.addEventListener("a", () => say("never"), { signal: AbortSignal.abort() });
      }),
      thrown(() =>
        new EventTarget().addEventListener("a", () => undefined, { signal: null as never }),
      ),
      thrown(() =>
        new EventTarget().addEventListener("a", () => undefined, { signal: 1 as never }),
      ),
    ];
  },
  "removing by other options": () =>
    record((t, say) => {
      const listener = (): void => say("ran");
      t.addEventListener("a", listener, { capture: true, passive: true });
      t.removeEventListener("a", listener);
      t.removeEventListener("a", listener, { capture: 1 as never });
      t.addEventListener("a", listener);
    }),
  "null as a listener": () => record((t) => t.addEventListener("a", null)),
  refusals: () => {
    const t = new EventTarget();
    return [
      thrown(() => t.addEventListener("a", 1 as never)),
      thrown(() => (t as never as { addEventListener(a: string): void }).addEventListener("a")),
      thrown(() => t.dispatchEvent({} as Event)),
      thrown(() => (t as never as { dispatchEvent(): void }).dispatchEvent()),
      thrown(() => EventTarget.prototype.addEventListener.call({} as EventTarget, "a", null)),
    ];
  },
  "an event in flight cannot be dispatched": () => {
    const t = new EventTarget();
    let answer = "";
    t.addEventListener("a", (e) => {
      answer = thrown(() => t.dispatchEvent(e));
    });
    t.dispatchEvent(new Event("a"));
    return answer;
  },
  "an event can be dispatched again": () => {
    const e = new Event("a", { cancelable: true });
    const t = new EventTarget();
    t.addEventListener("a", (each) => each.preventDefault(), { once: true });
    return [t.dispatchEvent(e), t.dispatchEvent(e), e.defaultPrevented];
  },
  "globalThis is a target": () => {
    const seen: unknown[] = [];
    const listener = function (this: unknown, e: Event): void {
      seen.push(this === globalThis, e.target === globalThis);
    };
    globalThis.addEventListener("mine", listener);
    globalThis.dispatchEvent(new Event("mine"));
    globalThis.removeEventListener("mine", listener);
    globalThis.dispatchEvent(new Event("mine"));
    return seen;
  },
};

const exceptions: CaseTable = {
  "names and codes": () =>
    [
      "IndexSizeError",
      "HierarchyRequestError",
      "NotFoundError",
      "NotSupportedError",
      "InUseAttributeError",
      "InvalidStateError",
      "SyntaxError",
      "InvalidModificationError",
      "NamespaceError",
      "InvalidAccessError",
      "TypeMismatchError",
      "SecurityError",
      "NetworkError",
      "AbortError",
      "URLMismatchError",
      "TimeoutError",
      "InvalidNodeTypeError",
      "DataCloneError",
      "EncodingError",
      "NotReadableError",
      "OperationError",
      "NotAllowedError",
      "toString",
      "DOMStringSizeError",
    ].map((name) => new DOMException("m", name).code),
  constants: () =>
    Object.entries(Object.getOwnPropertyDescriptors(DOMException))
      .filter(([key]) => key.endsWith("_ERR"))
      .map(([key, { value, writable, enumerable }]) => [
        key,
        value,
        writable,
        enumerable,
        Reflect.get(DOMException.prototype, key),
      ]),
  arguments: () => {
    const both = new DOMException("m", "n");
    const none = new DOMException();
    return [
      both.message,
      both.name,
      both.code,
      none.message,
      none.name,
      none.code,
      new DOMException(undefined, undefined).name,
      new DOMException(null as never, null as never).name,
    ];
  },
  "is an Error": () => {
    const e = new DOMException("m", "AbortError");
    return [
      e instanceof Error,
      Object.getPrototypeOf(DOMException.prototype) === Error.prototype,
      String(e),
      Object.prototype.toString.call(e),
      typeof e.stack,
      Object.keys(e),
    ];
  },
  members: () =>
    ["name", "message", "code"].map((key) => [
      shape(DOMException.prototype, key),
      thrown(() => Reflect.get(DOMException.prototype, key, {})),
    ]),
  "needs new": () => thrown(() => (DOMException as never as () => void)()),
};

const tick = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const abort: CaseTable = {
  "a controller": () => {
    const c = new AbortController();
    const before = [c.signal.aborted, c.signal.reason];
    c.abort("why");
    c.abort("again");
    return [before, c.signal.aborted, c.signal.reason, c.signal === c.signal];
  },
  reasons: () => {
    const c = new AbortController();
    c.abort();
    const d = new AbortController();
    d.abort(null);
    return [
      c.signal.reason.name,
      c.signal.reason instanceof DOMException,
      d.signal.reason,
      thrown(() => d.signal.throwIfAborted()),
      thrown(() => c.signal.throwIfAborted()),
      thrown(() => new AbortController().signal.throwIfAborted()),
    ];
  },
  "the event": () => {
    const c = new AbortController();
    const log: unknown[] = [];
    c.signal.addEventListener("abort", (e) =>
      log.push(["listener", e.isTrusted, e.type, e.bubbles, e.cancelable]),
    );
    c.signal.onabort = () => log.push("handler");
    c.abort();
    c.abort();
    return log;
  },
  "handler attributes": () => {
    const c = new AbortController();
    const log: string[] = [];
    c.signal.onabort = () => log.push("replaced");
    c.signal.addEventListener("abort", () => log.push("listener"));
    c.signal.onabort = () => log.push("handler");
    const before = typeof c.signal.onabort;
    c.abort();
    c.signal.onabort = 1 as never;
    return [log, before, c.signal.onabort];
  },
  statics: async () => {
    const timed = AbortSignal.timeout(2);
    const before = timed.aborted;
    await new Promise((resolve) => timed.addEventListener("abort", resolve));
    return [
      AbortSignal.abort().aborted,
      AbortSignal.abort(1).reason,
      before,
      timed.reason.name,
      timed.reason.code,
      thrown(() => AbortSignal.timeout(-1)),
      thrown(() => AbortSignal.timeout(Infinity)),
      thrown(() => new AbortSignal()),
    ];
  },
  "any follows the first": () => {
    const [a, b] = [new AbortController(), new AbortController()];
    const any = AbortSignal.any([a.signal, b.signal]);
    const log: string[] = [];
    any.addEventListener("abort", () => log.push("any"));
    b.signal.addEventListener("abort", () => log.push(`b ${any.aborted}`));
    b.abort("b");
    a.abort("a");
    return [
      any.aborted,
      any.reason,
      log,
      AbortSignal.any([]).aborted,
      AbortSignal.any([a.signal]).reason,
      any instanceof AbortSignal,
    ];
  },
  "any of any": () => {
    const c = new AbortController();
    const log: string[] = [];
    const one = AbortSignal.any([c.signal]);
    const two = AbortSignal.any([one, new AbortController().signal]);
    two.onabort = () => log.push("two");
    one.onabort = () => log.push(`one ${two.aborted}`);
    c.signal.onabort = () => log.push("source");
    c.abort(7);
    return [log, two.reason];
  },
  "any refuses": () => [
    thrown(() => AbortSignal.any(1 as never)),
    thrown(() => AbortSignal.any([1 as never])),
    thrown(() => (AbortSignal as never as { any(): void }).any()),
  ],
  "a timeout that has passed": async () => {
    const signal = AbortSignal.timeout(0);
    await tick(3);
    return signal.aborted;
  },
  members: () => [
    shape(AbortController.prototype, "signal"),
    shape(AbortController.prototype, "abort"),
    shape(AbortSignal.prototype, "onabort"),
    AbortController.length,
    AbortSignal.length,
    Object.prototype.toString.call(new AbortController()),
  ],
};

export const cases: CaseTable = { ...event, ...types, ...target, ...exceptions, ...abort };
