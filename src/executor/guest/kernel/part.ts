/** The first thing evaluated in a machine: message passing between host and guest, nothing else. */
import type { HostValue } from "../bridge.ts";
import { describe } from "./describe.ts";
import { native } from "./native.ts";

type Handler = (...args: unknown[]) => void;

interface Pending {
  resolve: (value: HostValue) => void;
  reject: (error: unknown) => void;
}

const ENTER = { event: 0, resolve: 1, reject: 2, module: 3, failed: 4, rejections: 5 } as const;
const ERRORS: Record<string, ErrorConstructor> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
};

const {
  Promise: GuestPromise,
  Uint8Array: GuestBytes,
  Uint16Array: GuestUnits,
  Map: GuestMap,
  WeakSet: GuestSet,
} = globalThis;
const { fromCharCode } = String;
const bind = Function.prototype.call.bind(Function.prototype.bind) as (
  target: unknown,
  receiver: unknown,
  first: number,
) => (...args: HostValue[]) => HostValue;
const { stringify } = JSON;

const handlers: Record<string, Handler> = Object.create(null);
const pending = new GuestMap<number, Pending>();
let nextPending = 1;
let current = 0;

const kernel = {
  op: native.op,
  call: native.call,
  /** A bound function: what an arrow with rest parameters does costs twenty times as much. */
  bindCall: (op: number) => bind(native.call, undefined, op),
  callAsync(op: number, ...args: HostValue[]): Promise<HostValue> {
    return new GuestPromise((resolve, reject) => {
      const id = nextPending;
      nextPending += 1;
      pending.set(id, { resolve, reject });
      try {
        native.start(op, id, ...args);
      } catch (error) {
        pending.delete(id);
        reject(error);
      }
    });
  },
  on(kind: string, handler: Handler): void {
    handlers[kind] = handler;
  },
  parts: Object.create(null) as Record<string, unknown>,
  modules: Object.create(null) as Record<string, () => object>,
  load: native.load,
  peek: native.peek,
  describe,
  get currentRequest(): number {
    return current;
  },
  set currentRequest(requestId: number) {
    if (requestId === current) return;
    current = requestId;
    native.turn(requestId);
  },
  raise(name: string, message: string, code: string): unknown {
    const Class = ERRORS[name];
    const error = Class === undefined ? new Error(message) : new Class(message);
    if (Class === undefined)
      Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
    if (code !== "")
      Object.defineProperty(error, "code", { value: code, configurable: true, writable: true });
    return error;
  },
};

function settle(kind: number, id: number, value: HostValue, message: string, code: string): void {
  const entry = pending.get(id);
  if (entry === undefined) return;
  pending.delete(id);
  if (kind === ENTER.resolve) entry.resolve(value);
  else entry.reject(kernel.raise(value as string, message, code));
}

function evaluated(result: unknown): void {
  GuestPromise.resolve(result).then(
    (namespace) => {
      try {
        handlers["module"]?.(namespace);
        native.evaluated(null);
      } catch (error) {
        native.evaluated(stringify(describe(error)));
      }
    },
    (error: unknown) => native.evaluated(stringify(describe(error))),
  );
}

const moduleExports: Record<string, Record<string, unknown>> = Object.create(null);

function provideModule(specifier: string): Record<string, unknown> | undefined {
  const provide = kernel.modules[specifier];
  if (provide === undefined) return undefined;
  const provided = provide() as Record<string, unknown>;
  if (typeof provided === "object" && specifier.startsWith("node:") && specifier !== "node:process")
    explainMissing(specifier, provided);
  return (moduleExports[specifier] = provided);
}

/** Asked of every module by bundlers and by `await`: no member of Node's. */
const NOT_MEMBERS = ["__esModule", "default", "then"];

/** What Node has in a module and this one has not, comes from a part of its own, and says so when it is called. */
function explainMissing(specifier: string, provided: Record<string, unknown>): void {
  const rest = new Proxy(Object.getPrototypeOf(provided) ?? Object.prototype, {
    get(target, name) {
      if (typeof name === "symbol" || name in target || NOT_MEMBERS.includes(name))
        return target[name as string];
      if (kernel.parts["node-missing"] === undefined) native.load("node-missing");
      const { find } = kernel.parts["node-missing"] as {
        find(specifier: string, name: string, provided: object): unknown;
      };
      return find(specifier, name, provided);
    },
  });
  Object.setPrototypeOf(provided, rest);
}

/** For bundled code: loads the part that defines the module where that has not happened yet. */
function requireModule(specifier: string): unknown {
  const known = moduleExports[specifier];
  if (known !== undefined) return known;
  if (kernel.modules[specifier] === undefined) native.load(specifier);
  return provideModule(specifier);
}

// Bundled code and the source of built-in modules read exports from here; it gives what an import gives.
Object.defineProperty(globalThis, Symbol.for("picloud.module"), { value: requireModule });

/** Rejected promises that nobody handles yet, with the reason and the request they belong to. */
const unhandled = new GuestMap<object, [unknown, number]>();
/** Those that were reported, so that a late handler can be reported too. */
const reported = new GuestSet<object>();

native.rejection = (promise: object, reason: unknown, handled: boolean) => {
  if (!handled) unhandled.set(promise, [reason, current]);
  else if (!unhandled.delete(promise) && reported.delete(promise))
    handlers["rejectionhandled"]?.(promise);
};

/** After the jobs of a turn have run: whatever is still unhandled now, is reported once. */
function reportRejections(): void {
  const found = [...unhandled];
  unhandled.clear();
  for (const [promise, [reason, requestId]] of found) {
    kernel.currentRequest = requestId;
    reported.add(promise);
    const handler = handlers["unhandledrejection"];
    if (handler !== undefined) handler(promise, reason);
    else native.call(native.op("unhandled"), requestId, stringify(describe(reason)));
  }
}

native.kernel = kernel;
native.moduleNames = (specifier: string) => {
  const provided = moduleExports[specifier] ?? provideModule(specifier);
  return provided === undefined ? undefined : Object.keys(provided).join("\n");
};
native.wrapBytes = (buffer: ArrayBuffer) => new GuestBytes(buffer);
native.fromUnits = (bytes: Uint8Array) => {
  const units = new GuestUnits(bytes.buffer);
  const chunks: string[] = [];
  for (let i = 0; i < units.length; i += 4096) {
    chunks[chunks.length] = fromCharCode.apply(
      undefined,
      units.subarray(i, i + 4096) as unknown as number[],
    );
  }
  return chunks.join("");
};
native.flatten = Function.prototype.call.bind(String.prototype.charCodeAt);
native.raise = (name: string, message: string, code: string) => kernel.raise(name, message, code);
// A way in of its own, as rest parameters cost as much as the rest of a short request.
native.request = (
  requestId: number,
  method: never,
  url: never,
  headers: never,
  bodyKind: never,
  body: never,
  paramsJson: never,
) => {
  current = requestId;
  handlers["request"]?.(requestId, method, url, headers, bodyKind, body, paramsJson);
};
native.entry = (kind: number, requestId: number, first: never, ...rest: never[]) => {
  current = requestId;
  if (kind === ENTER.event) handlers[first as string]?.(...rest);
  else if (kind === ENTER.module) evaluated(first);
  else if (kind === ENTER.rejections) reportRejections();
  else if (kind === ENTER.failed) native.evaluated(stringify(describe(first)));
  else settle(kind, first, rest[0], rest[1] as never, rest[2] as never);
};
