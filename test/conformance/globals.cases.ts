/** Timers, microtasks, console as a namespace, and the global object itself. */
import type { CaseTable } from "./outcomes.ts";

const threw = (run: () => unknown): unknown => {
  try {
    const value = run();
    return { gave: value === undefined ? "undefined" : value };
  } catch (error) {
    return (error as Error).name;
  }
};
const until = <T>(start: (done: (value: T) => void) => void): Promise<T> => new Promise(start);

async function order(): Promise<string[]> {
  const seen: string[] = [];
  setTimeout(() => seen.push("timeout 2"), 2);
  setTimeout(() => {
    seen.push("timeout 1");
    queueMicrotask(() => seen.push("microtask in 1"));
  }, 1);
  setTimeout(() => seen.push("timeout 1 again"), 1);
  queueMicrotask(() => seen.push("microtask"));
  void Promise.resolve().then(() => seen.push("promise"));
  seen.push("sync");
  await until((done) => setTimeout(done, 25));
  return seen;
}

export const cases: CaseTable = {
  "order of timers and microtasks": order,
  "interfaces are data properties": () =>
    ["URL", "Blob", "AbortSignal", "ReadableStream", "DOMException", "CryptoKey"].map((name) =>
      [Object, Reflect].map(({ getOwnPropertyDescriptor }) => {
        const found = getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor;
        return [
          Object.keys(found).sort(),
          found.value === globalThis[name as never],
          found.writable,
        ];
      }),
    ),
  "timer arguments": () =>
    until((done) => setTimeout((...args: unknown[]) => done(args), 1, "a", { b: 1 }, undefined)),
  "timer without a delay": () => until((done) => setTimeout(done, undefined as never, "ran")),
  "timer with odd delays": () =>
    Promise.all(
      [-5, NaN, "2", null, 2 ** 32 + 1, { valueOf: () => 1 }].map((delay) =>
        until((done) => setTimeout(done, delay as never, "ran")),
      ),
    ),
  "timer ids are positive integers": () => {
    const ids = [setTimeout(() => {}, 0), setTimeout(() => {}, 0)].map(Number);
    return ids.every((id) => id > 0) && ids[0] !== ids[1];
  },
  "clearTimeout stops": async () => {
    let ran = false;
    const id = setTimeout(() => {
      ran = true;
    }, 1);
    clearTimeout(id);
    await until((done) => setTimeout(done, 10));
    return ran;
  },
  "clearInterval clears a timeout": async () => {
    let ran = false;
    clearInterval(setTimeout(() => (ran = true), 1) as never);
    await until((done) => setTimeout(done, 10));
    return ran;
  },
  "clear of nonsense": () =>
    [undefined, null, -1, 0, 1e9, {}, "x"].map((id) => threw(() => clearTimeout(id as never))),
  "interval repeats until cleared": async () => {
    let count = 0;
    await until<void>((done) => {
      const id = setInterval(() => {
        count += 1;
        if (count < 3) return;
        clearInterval(id);
        done();
      }, 1);
    });
    await until((done) => setTimeout(done, 10));
    return count;
  },
  "a timer cleared by an earlier one": async () => {
    let ran = false;
    const later = setTimeout(() => (ran = true), 10);
    setTimeout(() => clearTimeout(later), 1);
    await until((done) => setTimeout(done, 25));
    return ran;
  },
  "nested timers": () =>
    until((done) => {
      let depth = 0;
      const next = (): void => {
        depth += 1;
        if (depth === 6) done(depth);
        else setTimeout(next, 0);
      };
      next();
    }),
  "queueMicrotask refuses": () => [
    threw(() => queueMicrotask(1 as never)),
    threw(() => (queueMicrotask as () => void)()),
  ],
  "queueMicrotask is in order with promises": async () => {
    const seen: number[] = [];
    void Promise.resolve().then(() => seen.push(1));
    queueMicrotask(() => seen.push(2));
    void Promise.resolve().then(() => seen.push(3));
    await until((done) => setTimeout(done, 1));
    return seen;
  },
  "console is a namespace": () => {
    const proto = Object.getPrototypeOf(console) as object;
    return [
      Object.prototype.toString.call(console),
      Object.getPrototypeOf(proto) === Object.prototype,
      Reflect.ownKeys(proto).length,
    ];
  },
  "console methods need no receiver": () =>
    (["debug", "group", "groupEnd"] as const).map((name) =>
      threw(() => console[name].call(undefined)),
    ),
  "console members are enumerable": () => Object.keys(console).includes("log"),
  "functions and attributes are enumerable, interfaces are not": () =>
    [
      "fetch atob setTimeout clearInterval structuredClone reportError crypto performance self",
      "navigator console URL Event Request ReadableStream Crypto",
    ]
      .flatMap((names) => names.split(" "))
      .map((name) => [name, Object.prototype.propertyIsEnumerable.call(globalThis, name)]),
  "self is the global": () => [(globalThis as never as { self: unknown }).self === globalThis],
  navigator: () => [
    typeof navigator.userAgent,
    Object.prototype.toString.call(navigator),
    typeof navigator.hardwareConcurrency,
  ],
};
