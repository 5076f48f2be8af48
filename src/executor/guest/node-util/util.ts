/** node:util. */
import type { NodeBuffer } from "../node-buffer/part.ts";
import { usePart } from "../registry.ts";
import { invalidType, nodeError } from "../node-buffer/errors.ts";
import { isDeepEqual } from "./equality.ts";
import { format, formatWithOptions, inspectValue } from "./format.ts";
import { parseArgs } from "./parse-args.ts";
import { types } from "./types.ts";

type AnyFunction = (...args: never[]) => unknown;
type Callback = (error: unknown, ...values: unknown[]) => void;

const customPromisify = Symbol.for("nodejs.util.promisify.custom");
export const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

/** Timers have no callback at the end; Node gives them a promised twin. */
function timerPromise(original: AnyFunction): AnyFunction | undefined {
  const name = ["setTimeout", "setImmediate"].find((candidate) => global(candidate) === original);
  return name === undefined
    ? undefined
    : usePart<{ timersPromises: Record<string, AnyFunction> }>("node-process").timersPromises[name];
}

function promisify(original: AnyFunction & { [customPromisify]?: AnyFunction }): AnyFunction {
  if (typeof original !== "function") throw invalidType("original", "of type function", original);
  const custom = original[customPromisify] ?? timerPromise(original);
  if (custom !== undefined)
    return Object.defineProperty(custom, customPromisify, { value: custom, configurable: true });
  const promised = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      Reflect.apply(original, this, [
        ...args,
        (error: unknown, value: unknown) => (error ? reject(error as Error) : resolve(value)),
      ]);
    });
  };
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original) as object);
  return Object.defineProperties(
    promised,
    Object.getOwnPropertyDescriptors(original),
  ) as AnyFunction;
}
promisify.custom = customPromisify;

function callbackify(original: AnyFunction): AnyFunction {
  if (typeof original !== "function") throw invalidType("original", "of type function", original);
  return function (this: unknown, ...args: unknown[]): void {
    const callback = args.pop() as Callback;
    if (typeof callback !== "function")
      throw invalidType("last argument", "of type function", callback);
    (Reflect.apply(original, this, args) as Promise<unknown>).then(
      (value) => callback(null, value),
      (reason: unknown) =>
        callback(
          reason ??
            nodeError(Error, "ERR_FALSY_VALUE_REJECTION", "Promise was rejected with falsy value"),
        ),
    );
  };
}

function inherits(child: AnyFunction, parent: AnyFunction): void {
  if (typeof child !== "function") throw invalidType("ctor", "of type function", child);
  if (typeof parent !== "function") throw invalidType("superCtor", "of type function", parent);
  Object.defineProperty(child, "super_", { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(child.prototype as object, parent.prototype as object);
}

const warned = new Set<string>();
function deprecate(original: AnyFunction, message: string, code?: string): AnyFunction {
  return function (this: unknown, ...args: unknown[]): unknown {
    const key = code ?? message;
    if (!warned.has(key)) {
      warned.add(key);
      (globalThis as unknown as { console: { warn(text: string): void } }).console.warn(
        `DeprecationWarning: ${message}`,
      );
    }
    return new.target === undefined
      ? Reflect.apply(original, this, args)
      : Reflect.construct(original, args, new.target);
  };
}

const inspect = (value: unknown, options?: unknown, depth?: unknown, colors?: unknown): string => {
  const settings =
    typeof options === "boolean"
      ? { showHidden: options, depth, colors }
      : (options as object | undefined);
  return inspectValue(value, settings);
};
Object.assign(inspect, {
  custom: inspectCustom,
  defaultOptions: {
    showHidden: false,
    depth: 2,
    colors: false,
    customInspect: true,
    showProxy: false,
    maxArrayLength: 100,
    maxStringLength: 10_000,
    breakLength: 80,
    compact: 3,
    sorted: false,
    getters: false,
    numericSeparator: false,
  },
  colors: {},
  styles: {},
});

const debuglog = (): AnyFunction => Object.assign(() => undefined, { enabled: false });
const global = (name: string): unknown => (globalThis as unknown as Record<string, unknown>)[name];

export const util = {
  inspect,
  format,
  formatWithOptions,
  promisify,
  callbackify,
  inherits,
  deprecate,
  types,
  parseArgs,
  isDeepStrictEqual: (a: unknown, b: unknown) => isDeepEqual(a, b, true),
  debuglog,
  debug: debuglog,
  stripVTControlCharacters: (text: string) =>
    text.replaceAll(
      /[\u001B\u009B][[\]()#;?]*(?:(?:(?:[-a-zA-Z\d/#&.:=?%@~_]+)*|[a-zA-Z\d]+(?:;[-a-zA-Z\d/#&.:=?%@~_]*)*)?\u0007|(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-ntqry=><~])/g,
      "",
    ),
  styleText: (_style: unknown, text: string) => text,
  toUSVString: (text: unknown) => String(text).toWellFormed(),
  isArray: Array.isArray,
  isBoolean: (value: unknown) => typeof value === "boolean",
  isFunction: (value: unknown) => typeof value === "function",
  isString: (value: unknown) => typeof value === "string",
  isObject: (value: unknown) => typeof value === "object" && value !== null,
  isError: (value: unknown) => value instanceof Error,
  isRegExp: types["isRegExp"],
  isDate: types["isDate"],
  getCallSites: () => [],
  getSystemErrorName: (code: number) => `ERR_${code}`,
  getSystemErrorMap: () => new Map(),
  aborted: (signal: {
    aborted: boolean;
    addEventListener(type: string, listener: () => void, options: object): void;
  }) =>
    new Promise<void>((resolve) =>
      signal.aborted
        ? resolve()
        : signal.addEventListener("abort", () => resolve(), { once: true }),
    ),
  transferableAbortController: () => new (global("AbortController") as new () => object)(),
  transferableAbortSignal: (signal: unknown) => signal,
  parseEnv: (text: string) =>
    Object.fromEntries(
      [
        ...text.matchAll(/^\s*(?:export\s+)?([\w.-]+)\s*=\s*("[^"]*"|'[^']*'|`[^`]*`|[^#\n]*)/gm),
      ].map(([, name, value = ""]) => [name, value.trim().replace(/^(["'`])([\s\S]*)\1$/, "$2")]),
    ),
  get TextEncoder() {
    return global("TextEncoder");
  },
  get TextDecoder() {
    return global("TextDecoder");
  },
  isBuffer: (value: unknown) => usePart<NodeBuffer>("node-buffer").Buffer.isBuffer(value),
  isNull: (value: unknown) => value === null,
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isNumber: (value: unknown) => typeof value === "number",
  isPrimitive: (value: unknown) => value === null || !/^(object|function)$/.test(typeof value),
  isSymbol: (value: unknown) => typeof value === "symbol",
  isUndefined: (value: unknown) => value === undefined,
  _extend: (target: object, source: object) => Object.assign(target, source),
  _errnoException: () => new Error("unknown"),
};
