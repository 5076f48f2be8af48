/** http.ServerResponse: becomes a web Response, whole where it is ended in one go, else as a stream. */
import { nodeError } from "../node-buffer/errors.ts";
import { join, toBytes } from "../node-crypto/bytes.ts";
import type { Incoming } from "./incoming.ts";
import { HeaderTable, streams } from "./streams.ts";

export interface Outgoing {
  destroy(error?: unknown): unknown;
}
export type ResponseClass = new (
  request: Incoming,
  resolve: (response: object) => void,
  reject: (error: unknown) => void,
) => Outgoing;

interface Controller {
  readonly desiredSize: number | null;
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}
type Done = (error?: unknown) => void;

const web = globalThis as unknown as {
  Response: new (body: unknown, init: object) => object;
  ReadableStream: new (source: object, strategy: object) => object;
};
const BODILESS = new Set([204, 205, 304]);
/** The platform frames the body itself. */
const FRAMING: ReadonlySet<string> = new Set(["connection", "transfer-encoding", "keep-alive"]);

export function makeOutgoing(): ResponseClass {
  const { Writable } = streams();
  return class ServerResponse extends Writable {
    statusCode = 200;
    statusMessage = "";
    sendDate = true;
    headersSent = false;
    shouldKeepAlive = true;
    readonly req: Incoming;
    readonly socket: unknown;
    readonly connection: unknown;
    readonly #fields = new HeaderTable();
    readonly #chunks: Uint8Array[] = [];
    readonly #resolve: (response: object) => void;
    readonly #reject: (error: unknown) => void;
    #atOnce = false;
    #controller: Controller | null = null;
    #waiting: Done | null = null;

    constructor(
      request: Incoming,
      resolve: (response: object) => void,
      reject: (error: unknown) => void,
    ) {
      super();
      this.req = request;
      this.socket = this.connection = (request as unknown as { socket: unknown }).socket;
      this.#resolve = resolve;
      this.#reject = reject;
    }

    get finished(): boolean {
      return this.writableEnded;
    }

    setHeader(name: string, value: unknown): this {
      if (this.headersSent)
        throw nodeError(
          Error,
          "ERR_HTTP_HEADERS_SENT",
          "Cannot set headers after they are sent to the client",
        );
      if (value === undefined)
        throw nodeError(
          TypeError,
          "ERR_HTTP_INVALID_HEADER_VALUE",
          `Invalid value "undefined" for header "${name}"`,
        );
      this.#fields.set(name, value);
      return this;
    }

    appendHeader(name: string, value: unknown): this {
      const present = this.#fields.get(name);
      return this.setHeader(name, present === undefined ? value : [present, value].flat());
    }

    setHeaders(headers: Iterable<[string, unknown]>): this {
      for (const [name, value] of headers) this.setHeader(name, value);
      return this;
    }

    getHeader(name: string): unknown {
      return this.#fields.get(name);
    }

    getHeaders(): Record<string, unknown> {
      return this.#fields.object();
    }

    getHeaderNames(): string[] {
      return this.#fields.names();
    }

    getRawHeaderNames(): string[] {
      return this.#fields.rawNames();
    }

    hasHeader(name: string): boolean {
      return this.#fields.has(name);
    }

    removeHeader(name: string): void {
      this.#fields.delete(name);
    }

    writeHead(status: number, ...rest: unknown[]): this {
      this.statusCode = status;
      if (typeof rest[0] === "string") this.statusMessage = rest.shift() as string;
      const given = (rest[0] ?? {}) as Record<string, unknown> | unknown[];
      if (!Array.isArray(given))
        for (const [name, value] of Object.entries(given)) this.setHeader(name, value);
      else if (Array.isArray(given[0]))
        for (const [name, value] of given as [string, unknown][]) this.appendHeader(name, value);
      else
        for (let i = 0; i + 1 < given.length; i += 2)
          this.appendHeader(String(given[i]), given[i + 1]);
      return this;
    }

    override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
      if (!this.headersSent && !this.writableEnded) this.#atOnce = true;
      return super.end(chunk, encoding, callback);
    }

    _write(chunk: unknown, encoding: unknown, callback: Done): void {
      const bytes = toBytes(chunk, encoding);
      if (this.#atOnce) {
        this.#chunks.push(bytes);
        return callback();
      }
      this.#openStream();
      const controller = this.#controller as unknown as Controller;
      controller.enqueue(new Uint8Array(bytes));
      if ((controller.desiredSize ?? 1) > 0) callback();
      else this.#waiting = callback;
    }

    _final(callback: Done): void {
      if (this.headersSent) this.#controller?.close();
      else this.#respond(this.#chunks.length === 0 ? null : join(this.#chunks));
      callback();
    }

    _destroy(error: unknown, callback: Done): void {
      if (!this.writableFinished) {
        const reason = error ?? new Error("The response was destroyed before it ended");
        if (!this.headersSent) this.#reject(reason);
        else this.#controller?.error(reason);
      }
      callback(error);
    }

    flushHeaders(): void {
      this.#openStream();
    }

    #openStream(): void {
      if (this.headersSent) return;
      const body = new web.ReadableStream(
        {
          start: (controller: Controller) => {
            this.#controller = controller;
          },
          pull: () => {
            const waiting = this.#waiting;
            this.#waiting = null;
            waiting?.();
          },
          cancel: () => this.destroy(),
        },
        { highWaterMark: 16 },
      );
      this.#respond(body);
    }

    #respond(body: unknown): void {
      this.headersSent = true;
      const { method } = this.req as unknown as { method: string };
      const without = BODILESS.has(this.statusCode) || method === "HEAD";
      try {
        this.#resolve(
          new web.Response(without ? null : body, {
            status: this.statusCode,
            statusText: this.statusMessage,
            headers: this.#fields.pairs(FRAMING),
          }),
        );
      } catch (error) {
        this.#reject(error);
      }
    }

    writeContinue(): void {}
    writeProcessing(): void {}
    writeEarlyHints(): void {}
    addTrailers(): void {}
    assignSocket(): void {}
    detachSocket(): void {}
    setTimeout(): this {
      return this;
    }
  };
}
