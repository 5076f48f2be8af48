/** The classes of node:http, made when streams are there. */
import { usePart } from "../registry.ts";
import { nodeError } from "../node-buffer/errors.ts";
import { join, toBytes } from "../node-crypto/bytes.ts";
import type { Emitter } from "../node-events/contract.ts";

type Listener = (...args: never[]) => unknown;
export interface RequestOptions {
  protocol?: string;
  hostname?: string;
  host?: string;
  port?: number | string;
  path?: string;
  pathname?: string;
  search?: string;
  href?: string;
  method?: string;
  headers?: Record<string, unknown> | Iterable<[string, unknown]>;
  auth?: string;
  signal?: AbortLike;
  timeout?: number;
}
interface AbortLike {
  aborted: boolean;
  reason: unknown;
  addEventListener(type: string, listener: () => void): void;
}
interface WebResponse {
  status: number;
  statusText: string;
  url: string;
  headers: {
    forEach(visit: (value: string, name: string) => void): void;
    getSetCookie(): string[];
  };
  body: object | null;
}
interface Readable extends Emitter {
  push(chunk: unknown): boolean;
  destroy(error?: unknown): void;
}
interface Writable extends Emitter {
  destroy(error?: unknown): void;
  destroyed: boolean;
}
interface StreamParts {
  Readable: { new (options?: object): Readable; fromWeb(stream: object): AsyncIterable<unknown> };
  Writable: new (options?: object) => Writable;
}
const web = globalThis as unknown as {
  fetch(url: string, options: object): Promise<WebResponse>;
  AbortController: new () => { signal: object; abort(reason?: unknown): void };
  setTimeout(callback: () => void, delay: number): number;
  clearTimeout(id: number): void;
};

export function urlOf(options: RequestOptions, protocol: string): string {
  if (options.href !== undefined) return options.href;
  const scheme = options.protocol ?? protocol;
  const host = options.hostname ?? options.host?.replace(/:\d+$/, "") ?? "localhost";
  const port = options.port === undefined || options.port === "" ? "" : `:${options.port}`;
  return `${scheme}//${host.includes(":") ? `[${host}]` : host}${port}${options.path ?? `${options.pathname ?? "/"}${options.search ?? ""}`}`;
}

/** fetch sets these itself, and refuses them from others. */
const OWN = new Set(["host", "connection", "content-length", "transfer-encoding", "keep-alive"]);

export interface HttpClasses {
  ClientRequest: new (
    url: string,
    options: RequestOptions,
    onResponse?: Listener,
  ) => Writable & { end(): void };
  IncomingMessage: unknown;
}

export function makeClasses(): HttpClasses {
  const { Readable, Writable } = usePart<{ stream: StreamParts }>("node-stream").stream;

  class IncomingMessage extends Readable {
    readonly statusCode: number;
    readonly statusMessage: string;
    readonly headers: Record<string, string | string[]> = {};
    readonly rawHeaders: string[] = [];
    readonly httpVersion = "1.1";
    readonly url: string;
    readonly complete = true;
    readonly trailers = {};
    readonly socket = { remoteAddress: "", encrypted: true };

    constructor(response: WebResponse) {
      super({ read() {} });
      this.statusCode = response.status;
      this.statusMessage = response.statusText;
      this.url = response.url;
      response.headers.forEach((value, name) => {
        this.rawHeaders.push(name, value);
        if (name !== "set-cookie") this.headers[name] = value;
      });
      const cookies = response.headers.getSetCookie();
      if (cookies.length > 0) this.headers["set-cookie"] = cookies;
      void this.#fill(response.body);
    }

    async #fill(body: object | null): Promise<void> {
      try {
        if (body !== null) for await (const chunk of Readable.fromWeb(body)) this.push(chunk);
        this.push(null);
      } catch (error) {
        this.destroy(error);
      }
    }

    setTimeout(): this {
      return this;
    }
  }

  class ClientRequest extends Writable {
    readonly method: string;
    readonly path: string;
    readonly #url: string;
    readonly #headers = new Map<string, [name: string, value: unknown]>();
    readonly #chunks: Uint8Array[] = [];
    readonly #control = new web.AbortController();
    #timer: number | undefined;

    constructor(url: string, options: RequestOptions, onResponse?: Listener) {
      super({
        write: (chunk: unknown, encoding: unknown, callback: () => void) => {
          this.#chunks.push(toBytes(chunk, encoding));
          callback();
        },
        final: (callback: () => void) => {
          callback();
          void this.#send();
        },
        destroy: (error: unknown, callback: (error: unknown) => void) => {
          this.#control.abort();
          callback(error);
        },
      });
      const { method = "GET", headers = {}, auth, signal, timeout } = options;
      this.#url = url;
      this.method = method.toUpperCase();
      this.path = new (
        globalThis as unknown as { URL: new (url: string) => { pathname: string; search: string } }
      ).URL(url).pathname;
      const entries = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
      for (const [name, value] of entries) this.setHeader(name, value);
      if (auth !== undefined)
        this.setHeader(
          "authorization",
          `Basic ${(globalThis as unknown as { btoa(text: string): string }).btoa(auth)}`,
        );
      if (onResponse !== undefined) this.once("response", onResponse);
      if (timeout !== undefined) this.setTimeout(timeout);
      signal?.addEventListener("abort", () => this.destroy(signal.reason));
    }

    setHeader(name: string, value: unknown): this {
      this.#headers.set(name.toLowerCase(), [name, value]);
      return this;
    }

    getHeader(name: string): unknown {
      return this.#headers.get(name.toLowerCase())?.[1];
    }

    removeHeader(name: string): void {
      this.#headers.delete(name.toLowerCase());
    }

    hasHeader(name: string): boolean {
      return this.#headers.has(name.toLowerCase());
    }

    getHeaders(): Record<string, unknown> {
      return Object.fromEntries([...this.#headers].map(([name, [, value]]) => [name, value]));
    }

    setTimeout(delay: number, callback?: () => void): this {
      if (callback !== undefined) this.once("timeout", callback);
      if (delay > 0) this.#timer = web.setTimeout(() => this.emit("timeout"), delay);
      return this;
    }

    abort(): void {
      this.destroy();
    }

    flushHeaders(): void {}
    setNoDelay(): void {}
    setSocketKeepAlive(): void {}

    async #send(): Promise<void> {
      const headers = [...this.#headers.entries()]
        .filter(([name]) => !OWN.has(name))
        .flatMap(([name, [, value]]) =>
          Array.isArray(value)
            ? (value as unknown[]).map((one) => [name, String(one)])
            : [[name, String(value)]],
        );
      const body =
        this.#chunks.length === 0 || this.method === "GET" || this.method === "HEAD"
          ? undefined
          : join(this.#chunks);
      try {
        const response = await web.fetch(this.#url, {
          method: this.method,
          headers,
          body,
          redirect: "manual",
          signal: this.#control.signal,
        });
        if (this.destroyed) return;
        this.emit("response", new IncomingMessage(response));
      } catch (error) {
        if (!this.destroyed)
          this.emit(
            "error",
            error instanceof Error && !("code" in error)
              ? Object.assign(nodeError(Error, "ECONNREFUSED", error.message), { cause: error })
              : error,
          );
      } finally {
        if (this.#timer !== undefined) web.clearTimeout(this.#timer);
        this.emit("close");
      }
    }
  }

  return {
    ClientRequest: ClientRequest as unknown as HttpClasses["ClientRequest"],
    IncomingMessage,
  };
}
