/** Where the request handler comes from: Deno.serve, or the module's default export. */
import { type Info } from "./info.ts";
import type { Request } from "./request.ts";
import { freezeTimers } from "./timers.ts";
import { isObject } from "./webidl.ts";

export type Handler = (request: Request, info: Info) => unknown;

export interface Entry {
  handle: Handler;
  /** Makes a response of what the handler threw; null where there is none. */
  onError: ((error: unknown) => unknown) | null;
}

let entry: Entry | null = null;
let otherEntries = false;

export const currentEntry = (): Entry | null => entry;

/** As before any module: what warmed the image up leaves no handler behind. */
export function forgetEntry(): void {
  entry = null;
  otherEntries = false;
}

/** Says that the script has something to run besides HTTP: a cron, a queue listener. */
export function declareEntry(): void {
  otherEntries = true;
}

interface ServeOptions {
  port?: unknown;
  handler?: unknown;
  onError?: unknown;
  onListen?: unknown;
  signal?: unknown;
}

/** Deno.serve(handler), (options, handler) and ({handler}). Listening is not a port: the route decides. */
export function serve(first: unknown, second?: unknown): object {
  let options: ServeOptions = {};
  let handler: unknown;
  if (typeof first === "function") {
    handler = first;
    if (isObject(second)) options = second;
  } else if (isObject(first)) {
    options = first;
    handler = typeof second === "function" ? second : options.handler;
  } else {
    handler = second;
  }
  if (typeof handler !== "function") throw new TypeError("A handler function must be provided");
  const { onError, onListen, port } = options;
  if (port !== undefined) checkPort(port);
  entry = {
    handle: handler as Handler,
    onError: typeof onError === "function" ? (onError as Entry["onError"]) : null,
  };
  return makeServer(onListen, options.signal);
}

/** Nothing listens on it, but a value that Deno refuses is a mistake. */
function checkPort(port: unknown): void {
  const isText = typeof port === "string";
  if (!isText && typeof port !== "number")
    throw new TypeError(`Invalid port (expected number): ${String(port)}`);
  const number = Number(port);
  if (!Number.isInteger(number))
    throw new TypeError(`Invalid port: ${isText ? `'${port}'` : String(port)}`);
  if (number < 0 || number > 65_535)
    throw new RangeError(`Invalid port (out of range): ${String(port)}`);
}

function makeServer(onListen: unknown, signal: unknown): object {
  const addr = { transport: "tcp", hostname: "0.0.0.0", port: 8000 };
  const { promise: finished, resolve } = Promise.withResolvers<void>();
  const shutdown = (): Promise<void> => {
    resolve();
    return finished;
  };
  if (typeof onListen === "function") onListen(addr);
  if (isObject(signal)) {
    (signal as { addEventListener(type: string, listener: () => void): void }).addEventListener(
      "abort",
      () => resolve(),
    );
  }
  return {
    addr,
    finished,
    shutdown,
    ref() {},
    unref() {},
    [Symbol.asyncDispose]: shutdown,
  };
}

const NO_HANDLER =
  "The module has no handler: call Deno.serve(handler), or export default a function or an object with a fetch method";

type WorkerClass = new (context: Info, environment: Info) => { fetch(request: Request): unknown };

/** `class extends WorkerEntrypoint`, of module workers: made anew for each request. */
const isWorkerClass = (main: object): main is WorkerClass =>
  typeof (main as { prototype?: { fetch?: unknown } }).prototype?.fetch === "function";

const handlerOf =
  (Worker: WorkerClass): Handler =>
  (request, info) =>
    new Worker(info, info).fetch(request);

/** Called once the script's module was evaluated. Throws when nothing in it can be run. */
export function installModule(namespace: { default?: unknown }): void {
  freezeTimers();
  if (entry !== null) return;
  const main = namespace.default;
  if (isObject(main) && typeof (main as { fetch?: unknown }).fetch === "function") {
    // The third argument is what module workers know as their context.
    const worker = main as { fetch(request: Request, info: Info, context: Info): unknown };
    entry = { handle: (request, info) => worker.fetch(request, info, info), onError: null };
  } else if (typeof main === "function") {
    entry = { handle: isWorkerClass(main) ? handlerOf(main) : (main as Handler), onError: null };
  } else if (!otherEntries) {
    throw new TypeError(NO_HANDLER);
  }
}

export const noHandler = (): TypeError => new TypeError(NO_HANDLER);
