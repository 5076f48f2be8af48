/**
 * The guest runtime comes in parts: `core` is in every image, the others are compiled when a script
 * first touches one of their globals, or ahead of evaluation when its source names one.
 */
import { kernel } from "./bridge.ts";

/** Called once at the end of each part's entry file with what other parts may use. */
export function definePart(name: string, exported: object): void {
  kernel.parts[name] = exported;
}

/**
 * Exports of another part, loaded on first use. Call it inside functions, not at a part's top level,
 * so that parts stay lazy: `usePart<typeof import("./streams/part.ts").streams>("streams")`.
 */
export function usePart<T>(name: string): T {
  if (kernel.parts[name] === undefined) kernel.load(name);
  return kernel.parts[name] as T;
}

/** True when the part is there already; for checks such as "could this value be a stream at all". */
export const hasPart = (name: string): boolean => kernel.parts[name] !== undefined;

/** Functions and attributes are enumerable, as WebIDL has it; interfaces and what is Node's are not. */
export const isListed = (name: string): boolean =>
  name === "Deno" || (/^[a-z]/.test(name) && !HIDDEN.has(name));
const HIDDEN = new Set(["console", "global", "process"]);

/** A lazy global: the first read loads the part and replaces the accessor by the plain value. */
export function lazyGlobal(name: string, part: string): void {
  const enumerable = isListed(name);
  Object.defineProperty(globalThis, name, {
    configurable: true,
    enumerable,
    get() {
      const value = usePart<Record<string, unknown>>(part)[name];
      Object.defineProperty(globalThis, name, {
        value,
        writable: true,
        configurable: true,
        enumerable,
      });
      return value;
    },
    set(value: unknown) {
      Object.defineProperty(globalThis, name, {
        value,
        writable: true,
        configurable: true,
        enumerable,
      });
    },
  });
}

/**
 * A built-in module (`node:buffer`, `picloud`): `provide` gives its exports, `default` among them where it
 * has one. Name the part that defines it in LAZY_MODULES, so that an import finds it.
 */
export function defineModule(specifier: string, provide: () => object): void {
  kernel.modules[specifier] = provide;
}
