/** http.ClientRequest: sends by fetch when it is ended, and so under the app's egress policy. */
import { nodeError } from "../node-buffer/errors.ts";
import { join, toBytes } from "../node-crypto/bytes.ts";
import { callable } from "../node-events/callable.ts";
import type { IncomingClass, MessageInit } from "./incoming.ts";
import { HeaderTable, streams, type Writable } from "./streams.ts";

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
  signal?: { reason: unknown; addEventListener(type: string, listener: () => void): void };
  timeout?: number;
}
const web = globalThis as unknown as {
  fetch(url: string, options: object): Promise<MessageInit>;
  AbortController: new () => { signal: object; abort(reason?: unknown): void };
  URL: new (url: string) => { pathname: string; search: string; host: string; protocol: string };
  btoa(text: string): string;
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
const OWN: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "keep-alive",
]);

export type ClientClass = new (target: string | RequestOptions, ...rest: unknown[]) => Writable;

/** Node's arguments: a URL or options, options beside a URL, and a listener. */
export function readArguments(
  target: string | RequestOptions,
  rest: unknown[],
  protocol = "http:",
): { url: string; options: RequestOptions; onResponse: Listener | undefined } {
  const last = rest.at(-1);
  const isUrl = typeof target === "string" || target.href !== undefined;
  const beside = typeof rest[0] === "function" ? {} : ((rest[0] ?? {}) as RequestOptions);
  return {
    url: typeof target === "string" ? target : urlOf(target, protocol),
    options: isUrl ? beside : target,
    onResponse: typeof last === "function" ? (last as Listener) : undefined,
  };
}

export function makeClient(IncomingMessage: IncomingClass): ClientClass {
  const { Writable } = streams();
  return callable(
    Writable,
    (base) =>
      class ClientRequest extends base {
        readonly method: string;
        readonly path: string;
        readonly host: string;
        readonly protocol: string;
        readonly #url: string;
        readonly #headers = new HeaderTable();
        readonly #chunks: Uint8Array[] = [];
        readonly #control = new web.AbortController();
        #timer: number | undefined;

        constructor(target: string | RequestOptions, ...rest: unknown[]) {
          super({ autoDestroy: false, emitClose: false });
          const { url, options, onResponse } = readArguments(target, rest);
          const { method = "GET", headers = {}, auth, signal, timeout } = options;
          const parsed = new web.URL(url);
          this.#url = url;
          this.method = method.toUpperCase();
          this.path = parsed.pathname + parsed.search;
          this.host = parsed.host;
          this.protocol = parsed.protocol;
          for (const [name, value] of Symbol.iterator in headers
            ? [...headers]
            : Object.entries(headers))
            this.setHeader(name, value);
          if (auth !== undefined) this.setHeader("authorization", `Basic ${web.btoa(auth)}`);
          if (onResponse !== undefined) this.once("response", onResponse);
          if (timeout !== undefined) this.setTimeout(timeout);
          signal?.addEventListener("abort", () => this.destroy(signal.reason));
        }

        _write(chunk: unknown, encoding: unknown, callback: () => void): void {
          this.#chunks.push(toBytes(chunk, encoding));
          callback();
        }

        _final(callback: () => void): void {
          callback();
          void this.#send();
        }

        _destroy(error: unknown, callback: (error: unknown) => void): void {
          this.#control.abort();
          callback(error);
        }

        setHeader(name: string, value: unknown): this {
          this.#headers.set(name, value);
          return this;
        }

        getHeader(name: string): unknown {
          return this.#headers.get(name);
        }

        removeHeader(name: string): void {
          this.#headers.delete(name);
        }

        hasHeader(name: string): boolean {
          return this.#headers.has(name);
        }

        getHeaders(): Record<string, unknown> {
          return this.#headers.object();
        }

        getHeaderNames(): string[] {
          return this.#headers.names();
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
          const bodiless =
            this.#chunks.length === 0 || this.method === "GET" || this.method === "HEAD";
          const init = {
            method: this.method,
            headers: this.#headers.pairs(OWN),
            body: bodiless ? undefined : join(this.#chunks),
            redirect: "manual",
            signal: this.#control.signal,
          };
          try {
            const response = await web.fetch(this.#url, init);
            if (!this.destroyed) this.emit("response", new IncomingMessage(response));
          } catch (error) {
            if (!this.destroyed) this.emit("error", withCode(error));
          } finally {
            if (this.#timer !== undefined) web.clearTimeout(this.#timer);
            this.emit("close");
          }
        }
      },
  );
}

/** Packages tell failures by their code; fetch gives none. */
const withCode = (error: unknown): unknown =>
  error instanceof Error && !("code" in error)
    ? Object.assign(nodeError(Error, "ECONNREFUSED", error.message), { cause: error })
    : error;
