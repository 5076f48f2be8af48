/** Node modules that a sandbox cannot have: they load, so that packages which merely import them work, and say so when used. */
import { defineModule, definePart, usePart } from "../registry.ts";
import type { EnvironmentPart } from "../environment/part.ts";
import { notSupported } from "../messaging/not-available.ts";
import { nodeError } from "../node-buffer/errors.ts";

const ABSENT: Readonly<Record<string, readonly [instead: string, members: string]>> = {
  child_process: [
    "call another script with fetch",
    "exec execFile execFileSync execSync fork spawn spawnSync ChildProcess",
  ],
  cluster: ["the platform runs requests in parallel by itself", "fork setupPrimary Worker"],
  dgram: ["use fetch or Deno.connect", "createSocket Socket"],
  domain: ["use try and catch", "create createDomain Domain"],
  http2: ["use fetch", "connect createServer createSecureServer"],
  inspector: ["read the execution's record", "open close url Session"],
  "inspector/promises": ["read the execution's record", "open close url Session"],
  readline: [
    "read the request's body",
    "createInterface Interface clearLine cursorTo moveCursor emitKeypressEvents",
  ],
  "readline/promises": ["read the request's body", "createInterface Interface"],
  repl: ["use pic dev", "start REPLServer"],
  sqlite: ["reach a database with fetch or Deno.connect", "DatabaseSync StatementSync"],
  sea: ["read the script's own files by Deno.readFile", "isSea getAsset"],
  test: [
    "test scripts outside of the platform",
    "test it describe before after beforeEach afterEach mock",
  ],
  "test/reporters": ["test scripts outside of the platform", "tap spec"],
  trace_events: ["read the execution's record", "createTracing getEnabledCategories"],
  vm: [
    "use new Function, which is safe inside the sandbox",
    "Script createContext runInContext runInNewContext runInThisContext compileFunction SourceTextModule",
  ],
  wasi: ["use WebAssembly", "WASI"],
  worker_threads: [
    "call another script with fetch",
    "Worker MessageChannel MessagePort BroadcastChannel",
  ],
};

const EXTRA: Readonly<Record<string, object>> = {
  cluster: { isMaster: true, isPrimary: true, isWorker: false, workers: {} },
  worker_threads: {
    isMainThread: true,
    threadId: 0,
    parentPort: null,
    workerData: null,
    resourceLimits: {},
  },
  // Packages take these apart as they load.
  http2: {
    constants: {
      HTTP2_HEADER_AUTHORITY: ":authority",
      HTTP2_HEADER_METHOD: ":method",
      HTTP2_HEADER_PATH: ":path",
      HTTP2_HEADER_SCHEME: ":scheme",
      HTTP2_HEADER_STATUS: ":status",
      HTTP2_HEADER_CONTENT_LENGTH: "content-length",
      HTTP2_HEADER_EXPECT: "expect",
      NGHTTP2_CANCEL: 8,
      NGHTTP2_NO_ERROR: 0,
      NGHTTP2_REFUSED_STREAM: 7,
    },
  },
  vm: { isContext: () => false },
  sea: { isSea: () => false },
};

/** Callable and constructible, so that `class X extends Worker {}` fails when it is made, not when it loads. */
function absent(module: string, member: string, instead: string): () => never {
  const refuse = function (): never {
    throw nodeError(
      Error,
      "ERR_METHOD_NOT_IMPLEMENTED",
      `${module} ${member} is not available in PiCloud: ${instead}`,
    );
  };
  return Object.defineProperty(refuse, "name", { value: member });
}

/** What bundled code asks of every module or value. */
const PROBED: ReadonlySet<string> = new Set(["__esModule", "then", "toJSON"]);

/** As `absent`, with the error that Deno's own missing members have; so do its members, whatever their names. */
function later(what: string, instead: string, dot = "."): Record<string, unknown> {
  const refuse = function (): never {
    throw notSupported(what, instead);
  };
  const members = new Proxy(Function.prototype, {
    get: (target, name, receiver) =>
      typeof name === "symbol" || name in target || PROBED.has(name)
        ? (Reflect.get(target, name, receiver) as unknown)
        : later(`${what}${dot}${name}`, instead),
  });
  return Object.setPrototypeOf(refuse, members) as Record<string, unknown>;
}

/** Services of the platform that are not part of this version. */
const LATER: Readonly<Record<string, readonly [instead: string, members: string]>> = {
  "picloud:blob": ["keep small values in the script's files", "blob put get head delete list copy"],
  "picloud:docs": [
    "reach a database with fetch or Deno.connect",
    "docs collection insert get find update delete",
  ],
  "picloud:sql": ["reach a database with fetch or Deno.connect", "sql query transaction"],
  "cloudflare:workers": ["export default { fetch }", "DurableObject WorkflowEntrypoint waitUntil"],
  "bun:sqlite": ["reach a database with fetch or Deno.connect", "Database"],
  "bun:test": ["test scripts outside of the platform", "test expect describe"],
};

/** What a module of these has all the same. */
const MORE: Readonly<Record<string, object>> = {
  "cloudflare:workers": {
    env: environmentView(),
    WorkerEntrypoint: class WorkerEntrypoint {
      ctx: unknown;
      env: unknown;

      constructor(ctx: unknown, env: unknown) {
        this.ctx = ctx;
        this.env = env;
      }
    },
  },
};

/** The app's variables, as they are when one is read. */
function environmentView(): object {
  const all = (): Record<string, string> => usePart<EnvironmentPart>("environment").environment();
  return new Proxy(
    {},
    {
      get: (_target, name) => (typeof name === "string" ? all()[name] : undefined),
      has: (_target, name) => typeof name === "string" && name in all(),
      ownKeys: () => Object.keys(all()),
      getOwnPropertyDescriptor: (_target, name) => {
        const value = typeof name === "string" ? all()[name] : undefined;
        return value === undefined ? undefined : { value, enumerable: true, configurable: true };
      },
    },
  );
}

definePart("node-absent", {});
for (const [module, [instead, members]] of Object.entries(ABSENT)) {
  defineModule(`node:${module}`, () => ({
    ...Object.fromEntries(
      members.split(" ").map((member) => [member, absent(`node:${module}`, member, instead)]),
    ),
    ...EXTRA[module],
  }));
}
for (const [module, [instead, members]] of Object.entries(LATER)) {
  defineModule(module, () => {
    // The module is its own default, which can be called; what it does not name refuses like the rest.
    const whole = later(module, instead, " ");
    for (const member of ["default", ...members.split(" ")])
      whole[member] = member === "default" ? whole : later(`${module} ${member}`, instead);
    return Object.assign(whole, MORE[module]);
  });
}
