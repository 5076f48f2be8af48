/** Runs inside every runtime alike: makes a worker's surroundings, evaluates a test and reports each subtest. */

export interface TestProgram {
  /** The harness, the test's scripts and the test, as one classic script. */
  source: string;
  /** Where the test lies; relative URLs start here. */
  url: string;
  budgetMs: number;
  /** Checks of interfaces want the runtime's own constructors. */
  bare: boolean;
  /** The test wants a SharedArrayBuffer, and gets at it by a shared memory. */
  sharesMemory: boolean;
}

/** One line of the report. */
export type ReportLine =
  | { kind: "subtest"; name: string; status: number; message: string }
  | { kind: "end"; status: number; message: string }
  /** Nothing more comes, and the harness did not say that it is done. */
  | { kind: "timeout" }
  | { kind: "uncaught"; message: string };

interface Subtest {
  name: string;
  status: number;
  message?: string | null;
}

const scope = globalThis as unknown as Record<string, unknown>;
// Tests replace globals, so what reports is taken before they run.
const { stringify } = JSON;
const later = setTimeout;

const MESSAGE_MAX = 400;

/** Whatever was thrown, as a line. */
function short(thrown: unknown): string {
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`.slice(0, MESSAGE_MAX);
  return typeof thrown === "string" ? thrown.slice(0, MESSAGE_MAX) : typeof thrown;
}

function define(name: string, value: unknown): void {
  Object.defineProperty(scope, name, { value, writable: true, configurable: true });
}

function locationOf(url: URL): object {
  const { href, origin, protocol, host, hostname, port, pathname, search, hash } = url;
  const fields = { href, origin, protocol, host, hostname, port, pathname, search, hash };
  return { ...fields, toString: () => href };
}

/** What is no request is a URL, as far as it is one. */
function resolver(base: string): (input: unknown) => unknown {
  const { URL, Request } = globalThis;
  return (input) => {
    if (input instanceof Request) return input;
    try {
      return new URL(String(input), base).href;
    } catch {
      return input;
    }
  };
}

function resolveInputs(base: string, bare: boolean): void {
  const resolve = resolver(base);
  const { fetch: send } = globalThis;
  const call = (target: unknown, args: unknown[]): unknown =>
    Reflect.apply(target as typeof send, undefined, args);
  scope["fetch"] = function fetch(...args: unknown[]) {
    return call(send, args.length > 0 ? [resolve(args[0]), ...args.slice(1)] : args);
  };
  if (bare) return;
  for (const name of ["Request", "EventSource"]) {
    const original = scope[name];
    if (typeof original !== "function") continue;
    scope[name] = new Proxy(original, {
      construct: (target, [input, ...rest], newTarget) =>
        Reflect.construct(
          target,
          input === undefined ? [input, ...rest] : [resolve(input), ...rest],
          newTarget,
        ) as object,
    });
  }
  const { redirect } = Response;
  Response.redirect = (url, ...rest) => redirect(resolve(url) as string, ...rest);
}

/** Tests reach SharedArrayBuffer by a shared memory, as browsers may hide the constructor; PiCloud has only that. */
function reachSharedBuffers(): void {
  const { SharedArrayBuffer, WebAssembly } = globalThis;
  const { Memory } = WebAssembly;
  type Descriptor = WebAssembly.MemoryDescriptor & { shared?: boolean };
  try {
    void new Memory({ shared: true, initial: 0, maximum: 0 });
  } catch {
    WebAssembly.Memory = new Proxy(Memory, {
      construct: (target, [descriptor, ...rest]: [Descriptor, ...unknown[]]) =>
        descriptor.shared === true
          ? { buffer: new SharedArrayBuffer(descriptor.initial * 65_536) }
          : (Reflect.construct(target, [descriptor, ...rest]) as object),
    });
  }
}

function pretendWorker(program: TestProgram): void {
  define("location", locationOf(new URL(program.url)));
  define("GLOBAL", { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false });
  if (scope["self"] === undefined) define("self", globalThis);
  resolveInputs(program.url, program.bare);
  if (program.sharesMemory) reachSharedBuffers();
}

type Emit = (line: ReportLine) => void;

/** A rejection that nobody handles ends a process, and with it the tests that come after. */
function watchUncaught(emit: Emit): void {
  const report = (event: Event & { reason?: unknown; error?: unknown }): void => {
    emit({ kind: "uncaught", message: short(event.reason ?? event.error) });
    event.preventDefault();
  };
  for (const type of ["unhandledrejection", "error"]) globalThis.addEventListener?.(type, report);
}

/** Resolves when the harness is done or the time is over. */
export function runTests(program: TestProgram, write: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    let open = true;
    const emit: Emit = (line) => {
      if (open) write(stringify(line));
      if (line.kind !== "end" && line.kind !== "timeout") return;
      open = false;
      resolve();
    };
    later(() => emit({ kind: "timeout" }), program.budgetMs);
    pretendWorker(program);
    watchUncaught(emit);
    define("wptSubtest", ({ name, status, message }: Subtest) =>
      emit({ kind: "subtest", name, status, message: status === 0 ? "" : short(message) }),
    );
    define("wptEnd", (_tests: unknown, { status, message }: Subtest) =>
      emit({ kind: "end", status, message: short(message) }),
    );
    try {
      // oxlint-disable-next-line no-eval -- a classic script: its declarations are globals
      (0, eval)(program.source);
    } catch (error) {
      emit({ kind: "end", status: 1, message: short(error) });
    }
  });
}

/** The report as the body of a response, a line at a time, so that a test that is ended leaves what it had. */
export function respond(program: TestProgram): Response {
  const encoder = new TextEncoder();
  const { encode } = encoder;
  return new Response(
    new ReadableStream({
      start(controller) {
        const { enqueue, close } = controller;
        const write = (line: string): void =>
          enqueue.call(controller, encode.call(encoder, `${line}\n`));
        void runTests(program, write).then(() => close.call(controller));
      },
    }),
  );
}
