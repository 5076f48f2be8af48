/** node:process and the small modules about the machine and time. */
import { defineModule, definePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { memoryUsage } from "./memory.ts";
import { os } from "./os.ts";
import { nextTick, theProcess } from "./process.ts";
import { timers, timersPromises } from "./timers.ts";

const web = globalThis as unknown as Record<string, unknown>;

export const nodeProcess = {
  memoryUsage,
  nextTick,
  get process() {
    return theProcess();
  },
  global: globalThis,
  timersPromises,
  setImmediate: timers.setImmediate,
  clearImmediate: timers.clearImmediate,
};
export type NodeProcess = typeof nodeProcess;

definePart("node-process", nodeProcess);
defineModule("node:process", () => theProcess());
defineModule("node:os", () => os);
defineModule("node:constants", () => ({
  ...os.constants.errno,
  ...os.constants.signals,
  F_OK: 0,
  R_OK: 4,
  W_OK: 2,
  X_OK: 1,
}));
defineModule("node:timers", () => timers);
defineModule("node:timers/promises", () => timersPromises);
defineModule("node:console", () =>
  Object.assign(Object.create(web["console"] as object) as object, web["console"], {
    console: web["console"],
  }),
);
defineModule("node:tty", () => ({
  isatty: () => false,
  ReadStream: function ReadStream() {},
  WriteStream: function WriteStream() {},
}));
defineModule("node:perf_hooks", () => ({
  performance: web["performance"],
  PerformanceEntry: web["PerformanceEntry"],
  PerformanceMark: web["PerformanceMark"],
  PerformanceMeasure: web["PerformanceMeasure"],
  constants: {},
  // Most who import this module want the clock only.
  get PerformanceObserver(): unknown {
    return web["PerformanceObserver"];
  },
  get PerformanceObserverEntryList(): unknown {
    return web["PerformanceObserverEntryList"];
  },
  monitorEventLoopDelay: () => ({
    enable: () => false,
    disable: () => false,
    min: 0,
    max: 0,
    mean: 0,
    stddev: 0,
    percentile: () => 0,
  }),
  createHistogram: () => ({
    record: () => undefined,
    min: 0,
    max: 0,
    mean: 0,
    percentile: () => 0,
  }),
}));
defineModule("node:module", () => moduleModule());
defineModule("node:v8", () => ({
  getHeapStatistics: () => ({
    total_heap_size: memoryUsage().heapTotal,
    used_heap_size: memoryUsage().heapUsed,
    heap_size_limit: memoryUsage().heapTotal,
  }),
  serialize: () => refuse("v8.serialize()", "use JSON or structuredClone"),
  deserialize: () => refuse("v8.deserialize()", "use JSON or structuredClone"),
  setFlagsFromString: () => undefined,
}));

function refuse(what: string, instead: string): never {
  throw nodeError(
    Error,
    "ERR_METHOD_NOT_IMPLEMENTED",
    `${what} is not available in PiCloud: ${instead}`,
  );
}

function moduleModule(): object {
  const load = web as unknown as Record<symbol, (name: string) => unknown>;
  const require = (name: string): unknown => {
    const known = name.startsWith("node:") || name.startsWith("picloud");
    return load[Symbol.for("picloud.module")]?.(known ? name : `node:${name}`);
  };
  const createRequire = (): object =>
    Object.assign((name: string) => require(name), {
      resolve: (name: string) => name,
      cache: {},
      main: undefined,
    });
  const builtinModules =
    "assert async_hooks buffer console constants crypto diagnostics_channel events fs http https module net os path perf_hooks process punycode querystring stream string_decoder timers tls tty url util zlib".split(
      " ",
    );
  const Module = Object.assign(function Module() {}, {
    createRequire,
    builtinModules,
    isBuiltin: (name: string) => builtinModules.includes(name.replace(/^node:/, "")),
    register: () => undefined,
    findSourceMap: () => undefined,
  });
  return Object.assign(Module, { Module });
}
