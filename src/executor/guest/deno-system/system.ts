/** Deno's view of the machine: constants of an imaginary one, and the app's environment. */
import { usePart } from "../registry.ts";
import type { EnvironmentPart } from "../environment/part.ts";
import type { NodeProcess } from "../node-process/part.ts";
import { notSupported } from "./errors.ts";

const process = (): NodeProcess => usePart<NodeProcess>("node-process");

const environment = (): Record<string, string> =>
  usePart<EnvironmentPart>("environment").environment();

function checkName(name: unknown): string {
  if (typeof name !== "string")
    throw new TypeError("The name of an environment variable must be a string");
  if (name === "" || name.includes("=") || name.includes("\0"))
    throw new TypeError(`Invalid name of an environment variable: ${JSON.stringify(name)}`);
  return name;
}

export const env = {
  get: (name: string): string | undefined => environment()[checkName(name)],
  has: (name: string): boolean => checkName(name) in environment(),
  toObject: (): Record<string, string> => ({ ...environment() }),
  /** Within this request only. */
  set(name: string, value: string): void {
    environment()[checkName(name)] = String(value);
  },
  delete(name: string): void {
    delete environment()[checkName(name)];
  },
};

interface PermissionStatus {
  readonly state: "granted" | "denied";
}
type StatusClass = new (state: "granted" | "denied") => PermissionStatus;
let Status: StatusClass | undefined;

/** Made when it is asked for: its base class is in a part that most scripts do not load. */
function statusClass(): StatusClass {
  const { EventTarget } = globalThis as unknown as { EventTarget: new () => object };
  return (Status ??= class PermissionStatus extends EventTarget {
    readonly state: "granted" | "denied";
    readonly partial = false;
    onchange: unknown = null;

    constructor(state: "granted" | "denied") {
      super();
      this.state = state;
    }
  });
}

const GRANTED = new Set(["read", "net", "env", "import"]);
const query = (descriptor: { name?: unknown }): PermissionStatus => {
  if (typeof descriptor?.name !== "string") throw new TypeError("Expected a permission's name");
  return new (statusClass())(GRANTED.has(descriptor.name) ? "granted" : "denied");
};

const permissions = {
  query: async (descriptor: { name?: unknown }) => query(descriptor),
  querySync: query,
  request: async (descriptor: { name?: unknown }) => query(descriptor),
  requestSync: query,
  revoke: async (descriptor: { name?: unknown }) => query(descriptor),
  revokeSync: query,
};

function outputStream(level: "log" | "error"): object {
  const write = (bytes: Uint8Array): number => {
    const streams = process().process as unknown as Record<
      string,
      { write(chunk: Uint8Array): void }
    >;
    streams[level === "log" ? "stdout" : "stderr"]?.write(bytes);
    return bytes.length;
  };
  return {
    writeSync: write,
    write: async (bytes: Uint8Array) => write(bytes),
    isTerminal: () => false,
    close() {},
    get writable() {
      const { WritableStream } = globalThis as unknown as {
        WritableStream: new (sink: object) => object;
      };
      return new WritableStream({ write: (chunk: Uint8Array) => void write(chunk) });
    },
  };
}

const stdin = {
  readSync: () => null,
  read: async () => null,
  isTerminal: () => false,
  setRaw() {},
  close() {},
  get readable() {
    return new (
      globalThis as unknown as { Response: new (body: string) => { body: object } }
    ).Response("").body;
  },
};

export const system: Record<string, unknown> = {
  env,
  version: { deno: "2.9.6", v8: "15.0.0", typescript: "6.0.3" },
  build: {
    target: "aarch64-unknown-linux-gnu",
    arch: "aarch64",
    os: "linux",
    vendor: "unknown",
    env: "gnu",
    standalone: true,
  },
  pid: 1,
  ppid: 0,
  exitCode: 0,
  args: [],
  noColor: true,
  mainModule: "file:///main.ts",
  permissions,
  Permissions: Object,
  get PermissionStatus() {
    return statusClass();
  },
  telemetry: {},
  lint: {},
  SeekMode: { Start: 0, Current: 1, End: 2, 0: "Start", 1: "Current", 2: "End" },
  stdout: outputStream("log"),
  stderr: outputStream("error"),
  stdin,
  cwd: () => "/",
  execPath: () => "/picloud",
  hostname: () => "picloud",
  osRelease: () => "6.0.0",
  osUptime: () => 0,
  loadavg: () => [0, 0, 0],
  uid: () => 1000,
  gid: () => 1000,
  isatty: () => false,
  networkInterfaces: () => [],
  memoryUsage: () => process().memoryUsage(),
  cpuUsage: () => ({ user: 0, system: 0 }),
  systemMemoryInfo() {
    const { heapTotal } = process().memoryUsage();
    return {
      total: heapTotal,
      free: heapTotal >> 1,
      available: heapTotal >> 1,
      buffers: 0,
      cached: 0,
      swapTotal: 0,
      swapFree: 0,
    };
  },
  consoleSize() {
    throw notSupported("consoleSize", "there is no terminal");
  },
  exit() {
    throw notSupported("exit", "end the request by returning a Response");
  },
  refTimer() {},
  unrefTimer() {},
  addSignalListener() {},
  removeSignalListener() {},
  inspect: (value: unknown, options?: object) =>
    usePart<{ inspect(value: unknown, options?: object): string }>("inspect").inspect(
      value,
      options,
    ),
  upgradeWebSocket(request: unknown, options?: unknown) {
    const { upgradeWebSocket } = usePart<{
      upgradeWebSocket?: (request: unknown, options?: unknown) => unknown;
    }>("sockets");
    if (upgradeWebSocket === undefined)
      throw notSupported("upgradeWebSocket", "answer with a streaming Response");
    return upgradeWebSocket(request, options);
  },
};
