/**
 * The guest's only way to the host. The engine provides `__picloud` as a free identifier to every
 * guest part (never as a global that scripts can reach).
 */

/** What crosses the bridge. Anything richer goes as JSON text, packed by the caller. */
export type HostValue = undefined | null | boolean | number | string | Uint8Array;

export type HostEventKind =
  /** A request begins. See guest/dispatch for the arguments. */
  | "request"
  /** The client has gone: (requestId, reason). */
  | "abort"
  /** The host can take more of a response body: (requestId). */
  | "pull"
  /** WebSocket traffic: (socketId, kind, ...). */
  | "socket"
  /** The delay of the last `timer.arm` has passed: (). */
  | "timer"
  /** Wasm calls an imported function: (callbackId, list, ...args), from inside a host operation. */
  | "wasm"
  /** Evaluation has ended and the image is about to be made: (). What lives on the host only has to be fetched now. */
  | "freeze"
  /** The script's module was evaluated: (namespace). Register its handlers here; what this throws fails the deploy. */
  | "module"
  /** A promise was still unhandled when the turn's jobs had run: (promise, reason). Without a handler, the kernel calls `unhandled`. */
  | "unhandledrejection"
  /** The base image was warmed up with a module and requests of no script: forget them. */
  | "rewind"
  /** One that was reported got a handler after all: (promise). */
  | "rejectionhandled"
  /** A copy of the image begins to run: (milliseconds since the image was made). Only where timers were pending. */
  | "fork";

interface Kernel {
  /** Resolves an operation's name to its number; the numbers are stable within a runtime build. */
  op(name: string): number;
  /** Synchronous call. Throws what `raise` made of a host error. */
  call(op: number, ...args: HostValue[]): HostValue;
  /** The function that makes the synchronous call. */
  bindCall(op: number): (...args: HostValue[]) => HostValue;
  /** Asynchronous call; settles in a later turn. */
  callAsync(op: number, ...args: HostValue[]): Promise<HostValue>;
  on(kind: HostEventKind, handler: (...args: never[]) => void): void;
  /** Parts loaded so far, by name. */
  parts: Record<string, unknown>;
  /** Built-in modules by specifier; see defineModule. */
  modules: Record<string, () => object>;
  /** Compiles and runs a part that is not loaded yet. */
  load(name: string): void;
  /** What only the engine knows; undefined where the value is neither a promise nor a proxy. See guest/inspect/hidden.ts. */
  peek(value: unknown, what: number): unknown;
  /** The request that the present turn works for; 0 at evaluation. */
  currentRequest: number;
  /** Builds the error object for a failed host call, so that each part can add its classes. */
  raise: (name: string, message: string, code: string) => unknown;
  /** Anything thrown as plain data (`name`, `message`, `stack`, `cause`), safe against hostile getters. */
  describe(thrown: unknown): { name: string; message: string; stack?: string; cause?: unknown };
}

declare const __picloud: Kernel;

export const kernel: Kernel = __picloud;

/** `bindHost("url.parse")` gives the function that makes the call. Host errors are thrown as guest errors. */
export function bindHost(name: string): (...args: HostValue[]) => HostValue {
  return kernel.bindCall(kernel.op(name));
}

/** As bindHost, for operations whose host function returns a promise. */
export function bindHostAsync(name: string): (...args: HostValue[]) => Promise<HostValue> {
  const op = kernel.op(name);
  return (...args) => kernel.callAsync(op, ...args);
}

export function onHostEvent(kind: HostEventKind, handler: (...args: never[]) => void): void {
  kernel.on(kind, handler);
}
