/** Puts the globals in place: those of core as they are, the rest as accessors that load their part. */
import { lazyGlobal } from "../registry.ts";
import { LAZY_GLOBALS } from "../parts.ts";
import { makeConsole } from "./console.ts";
import { Headers } from "./headers.ts";
import { makeNavigator, Navigator } from "./navigator.ts";
import { reportError } from "./report.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";
import { timerGlobals } from "./timers.ts";

const hiddenIn = (holder: object, name: string, value: unknown): void => {
  Object.defineProperty(holder, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
};
const hidden = (name: string, value: unknown): void => hiddenIn(globalThis, name, value);
const listed = (name: string, value: unknown): void => {
  Object.defineProperty(globalThis, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: true,
  });
};

/** QuickJS lacks the symbols that `using` looks for; the builder lowers the statement itself. */
function addDisposeSymbols(): void {
  for (const name of ["dispose", "asyncDispose"]) {
    if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
  }
}

const isLazy = (key: PropertyKey): boolean =>
  Object.values(LAZY_GLOBALS).some((names) => names.includes(key as string));

/** Who asks how a lazy global is defined is told of the data property that it stands for. */
function describeLazyGlobals(): void {
  for (const holder of [Object, Reflect]) {
    const { getOwnPropertyDescriptor: describe } = holder;
    const { getOwnPropertyDescriptor } = {
      getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
        const found = describe(target, key);
        if (target !== globalThis || found?.get === undefined || !isLazy(key)) return found;
        void (globalThis as Record<PropertyKey, unknown>)[key];
        return describe(target, key);
      },
    };
    hiddenIn(holder, "getOwnPropertyDescriptor", getOwnPropertyDescriptor);
  }
}

export function installGlobals(): void {
  addDisposeSymbols();
  describeLazyGlobals();
  for (const part of Object.keys(LAZY_GLOBALS)) {
    const names = LAZY_GLOBALS[part] ?? [];
    for (let i = 0; i < names.length; i++) lazyGlobal(names[i] as string, part);
  }
  hidden("Headers", Headers);
  hidden("Request", Request);
  hidden("Response", Response);
  hidden("Navigator", Navigator);
  hidden("console", makeConsole());
  for (const name of Object.keys(timerGlobals))
    listed(name, timerGlobals[name as keyof typeof timerGlobals]);
  listed("reportError", reportError);
  Object.defineProperty(globalThis, "self", {
    get: () => globalThis,
    set(value: unknown) {
      listed("self", value);
    },
    configurable: true,
    enumerable: true,
  });
  lazyNavigator();
}

function lazyNavigator(): void {
  let navigator: object | undefined;
  Object.defineProperty(globalThis, "navigator", {
    get: () => (navigator ??= makeNavigator()),
    set(value: unknown) {
      listed("navigator", value);
    },
    configurable: true,
    enumerable: true,
  });
}
