/** node:process, as far as a request in a sandbox has one. */
import { kernel } from "../bridge.ts";
import { usePart } from "../registry.ts";
import { invalidType, nodeError } from "../node-buffer/errors.ts";
import type { Emitter, NodeEventsPart } from "../node-events/contract.ts";
import { processEnvironment } from "./environment.ts";
import { memoryUsage } from "./memory.ts";

const NODE_VERSION = "24.2.0";
const started = Date.now();

interface Output {
  write(chunk: unknown): boolean;
}

const web = globalThis as unknown as {
  console: Record<"log" | "error" | "warn", (text: string) => void>;
  performance: { now(): number };
};

/** Lines go to the execution's record; what has no line end yet waits for it. */
function output(level: "log" | "error", fd: number): Output & Record<string, unknown> {
  let rest = "";
  return {
    fd,
    isTTY: false,
    writable: true,
    columns: 80,
    write(chunk: unknown): boolean {
      const bytes = chunk instanceof Uint8Array;
      const lines = (
        rest +
        (bytes
          ? usePart<{ decodeText(b: Uint8Array, e: string): string }>("node-buffer").decodeText(
              chunk,
              "utf8",
            )
          : String(chunk))
      ).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) web.console[level](line);
      return true;
    },
    end(chunk?: unknown) {
      if (chunk !== undefined) this.write(chunk);
    },
    on: () => undefined,
    once: () => undefined,
    emit: () => false,
    removeListener: () => undefined,
    getColorDepth: () => 1,
    hasColors: () => false,
  };
}

function hrtime(previous?: [number, number]): [number, number] {
  const nanoseconds = hrtimeNow();
  const seconds = Number(nanoseconds / 1_000_000_000n);
  const rest = Number(nanoseconds % 1_000_000_000n);
  if (previous === undefined) return [seconds, rest];
  if (!Array.isArray(previous)) throw invalidType("time", "an instance of Array", previous);
  const borrow = rest < previous[1] ? 1 : 0;
  return [seconds - previous[0] - borrow, rest - previous[1] + borrow * 1_000_000_000];
}
const hrtimeNow = (): bigint => BigInt(Math.round(web.performance.now() * 1e6));
hrtime.bigint = hrtimeNow;

export function nextTick(callback: (...args: unknown[]) => void, ...args: unknown[]): void {
  if (typeof callback !== "function") throw invalidType("callback", "of type function", callback);
  const owner = kernel.currentRequest;
  void Promise.resolve().then(() => {
    kernel.currentRequest = owner;
    try {
      callback(...args);
    } catch (error) {
      usePart<{ reportException(error: unknown): void }>("core").reportException(error);
    }
  });
}

const refuse = (what: string, instead: string) => (): never => {
  throw nodeError(
    Error,
    "ERR_METHOD_NOT_IMPLEMENTED",
    `process.${what} is not available in PiCloud: ${instead}`,
  );
};

function emitWarning(warning: unknown): void {
  web.console.warn(
    warning instanceof Error
      ? `${warning.name}: ${warning.message}`
      : `Warning: ${String(warning)}`,
  );
}

const members = {
  title: "picloud",
  version: `v${NODE_VERSION}`,
  versions: { node: NODE_VERSION, deno: "2.9.6", v8: "0.0.0", uv: "0.0.0", modules: "0" },
  release: { name: "node" },
  arch: "arm64",
  platform: "linux",
  pid: 1,
  ppid: 0,
  exitCode: undefined,
  argv: ["/picloud", "/main.ts"],
  argv0: "picloud",
  execArgv: [] as string[],
  execPath: "/picloud",
  features: { inspector: false, tls: true, typescript: "transform" },
  config: { variables: {}, target_defaults: {} },
  browser: false,
  nextTick,
  hrtime,
  memoryUsage: Object.assign(memoryUsage, { rss: () => memoryUsage().rss }),
  emitWarning,
  cwd: () => "/",
  umask: () => 0o22,
  uptime: () => (Date.now() - started) / 1000,
  getuid: () => 1000,
  geteuid: () => 1000,
  getgid: () => 1000,
  getegid: () => 1000,
  cpuUsage: () => ({ user: Math.round(web.performance.now() * 1000), system: 0 }),
  resourceUsage: () => ({ userCPUTime: 0, systemCPUTime: 0, maxRSS: memoryUsage().rss >> 10 }),
  getBuiltinModule: (name: string) => {
    try {
      return (globalThis as unknown as Record<symbol, (name: string) => unknown>)[
        Symbol.for("picloud.module")
      ]?.(name.startsWith("node:") ? name : `node:${name}`);
    } catch {
      return undefined;
    }
  },
  binding: refuse("binding()", "there is no native code in the sandbox"),
  chdir: refuse("chdir()", "a script's files are all under /"),
  exit: refuse("exit()", "end the request by returning a Response"),
  abort: refuse("abort()", "throw an error"),
  kill: refuse("kill()", "there are no processes in the sandbox"),
  setUncaughtExceptionCaptureCallback: () => undefined,
  hasUncaughtExceptionCaptureCallback: () => false,
};

function makeProcess(): object {
  const { EventEmitter } = usePart<NodeEventsPart>("node-events");
  const process = Object.create(Object.create(EventEmitter.prototype) as object) as Emitter &
    Record<string, unknown>;
  EventEmitter.call(process as never);
  Object.assign(process, members, {
    stdout: output("log", 1),
    stderr: output("error", 2),
    stdin: { fd: 0, isTTY: false, on: () => undefined },
  });
  const env = processEnvironment();
  Object.defineProperty(process, "env", {
    value: env,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });
  return process;
}

let made: object | undefined;
export const theProcess = (): object => (made ??= makeProcess());
