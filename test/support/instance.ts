/** A whole PiCloud, started as a user starts it, on a data directory of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Answer<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Instance {
  url: string;
  port: number;
  dataDir: string;
  pid: number;
  /** Calls the control plane as the owner; `path` below /api/v1/admin. */
  api<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>>;
  /** Asks the public side for a host. */
  ask(host: string, path: string, init?: RequestInit): Promise<Response>;
  /** Everything that the process wrote. */
  output(): string;
  /** Resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number>;
  /** Removes the data too. */
  dispose(): Promise<void>;
}

export interface InstanceOptions {
  /** Program and first arguments; the source form by default. */
  command?: readonly string[];
  dataDir?: string;
  env?: Record<string, string>;
}

export const OWNER = { username: "owner", password: "correct horse battery" } as const;
const READY_MS_MAX = 60_000;
const POLL_MS = 20;

export async function startInstance(options: InstanceOptions = {}): Promise<Instance> {
  const dataDir = options.dataDir ?? makeDataDir();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = options.command ?? [process.execPath, join(import.meta.dir, "../../src/main.ts")];
  const child = Bun.spawn([...command, "serve"], {
    cwd: dataDir,
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PICLOUD_BIND: `127.0.0.1:${port}`,
      PICLOUD_DATA_DIR: dataDir,
      PICLOUD_ADMIN_USERNAME: OWNER.username,
      PICLOUD_ADMIN_PASSWORD: OWNER.password,
      ...options.env,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  const collect = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) output += decoder.decode(chunk, { stream: true });
  };
  void collect(child.stdout);
  void collect(child.stderr);
  await waitUntilReady(url, child, () => output);

  let token = "";
  const call = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const response = await fetch(`${url}/api/v1/admin${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text ? JSON.parse(text) : null) as T,
    };
  };
  const login = await call<{ token: string }>("POST", "/auth/login", OWNER);
  token = login.body.token;

  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<number> => {
    child.kill(signal);
    return child.exited;
  };
  return {
    url,
    port,
    dataDir,
    pid: child.pid,
    api: call,
    ask: (host, path, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("host", host);
      return fetch(`${url}${path}`, { ...init, headers });
    },
    output: () => output,
    stop,
    dispose: async () => {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Under /tmp with its parent open to the database's user, as the server demands when it is root. */
export function makeDataDir(): string {
  return mkdtempSync(join(tmpdir(), "picloud-instance-"));
}

async function waitUntilReady(
  url: string,
  child: { exitCode: number | null },
  output: () => string,
): Promise<void> {
  const deadline = Date.now() + READY_MS_MAX;
  while (Date.now() < deadline) {
    if (child.exitCode !== null)
      throw new Error(`The instance ended with ${child.exitCode}:\n${output()}`);
    const response = await fetch(`${url}/readyz`).catch(() => null);
    if (response?.ok) return;
    await Bun.sleep(POLL_MS);
  }
  throw new Error(`The instance was not ready after ${READY_MS_MAX} ms:\n${output()}`);
}

/** The system picks a free port; it is given back before use, which is a race nobody else runs here. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Polls until `check` gives something, for what happens soon but not at once. */
export async function eventually<T>(
  check: () => Promise<T | undefined | null | false>,
  timeoutMs = 5_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`Nothing came within ${timeoutMs} ms`);
    await Bun.sleep(POLL_MS);
  }
}
