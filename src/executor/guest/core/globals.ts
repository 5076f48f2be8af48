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

const hidden = (name: string, value: unknown): void => {
  Object.defineProperty(globalThis, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
};

/** QuickJS lacks the symbols that `using` looks for; the builder lowers the statement itself. */
function addDisposeSymbols(): void {
  for (const name of ["dispose", "asyncDispose"]) {
    if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol(`Symbol.${name}`) });
  }
}

export function installGlobals(): void {
  addDisposeSymbols();
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
    hidden(name, timerGlobals[name as keyof typeof timerGlobals]);
  hidden("reportError", reportError);
  Object.defineProperty(globalThis, "self", {
    get: () => globalThis,
    set(value: unknown) {
      hidden("self", value);
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
      hidden("navigator", value);
    },
    configurable: true,
    enumerable: true,
  });
}
