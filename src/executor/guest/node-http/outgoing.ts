/** http.ServerResponse: becomes a web Response, whole where it is ended in one go, else as a stream. */
import { nodeError } from "../node-buffer/errors.ts";
import { buffers, join, toBytes } from "../node-crypto/bytes.ts";
import { callable } from "../node-events/callable.ts";
import type { Incoming } from "./incoming.ts";
import { HeaderTable, streams } from "./streams.ts";
import { STATUS_CODES } from "./tables.ts";

export interface Outgoing {
  destroy(error?: unknown): unknown;
}
export type ResponseClass = new (
  request: Incoming,
  resolve?: (response: object) => void,
  reject?: (error: unknown) => void,
) => Outgoing;

interface Controller {
  readonly desiredSize: number | null;
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}
type Done = (error?: unknown) => void;
interface Socket {
  write(chunk: unknown): unknown;
}

const web = globalThis as unknown as {
  Response: new (body: unknown, init: object) => object;
  ReadableStream: new (source: object, strategy: object) => object;
};
const BODILESS = new Set([204, 205, 304]);
/** The platform frames the body itself. */
const FRAMING: ReadonlySet<string> = new Set(["connection", "transfer-encoding", "keep-alive"]);

function headOf(
  { statusCode, statusMessage }: { statusCode: number; statusMessage: string },
  fields: [string, string][],
): string {
  const title = statusMessage === "" ? (STATUS_CODES[statusCode] ?? "unknown") : statusMessage;
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${statusCode} ${title}\r\n${lines}\r\n`;
}

export function makeOutgoing(): ResponseClass {
  const { Writable } = streams();
  return callable(
    Writable,
    (base) =>
      class ServerResponse extends base {
        statusCode = 200;
        statusMessage = "";
        sendDate = true;
        /** The head as text, once it can no longer be changed. */
        _header: string | null = null;
        _hasBody: boolean;
        shouldKeepAlive = true;
        readonly req: Incoming;
        socket: Socket | null;
        connection: Socket | null;
        readonly #fields = new HeaderTable();
        readonly #chunks: Uint8Array[] = [];
        readonly #resolve: ((response: object) => void) | undefined;
        readonly #reject: ((error: unknown) => void) | undefined;
        #answered = false;
        #atOnce = false;
        #controller: Controller | null = null;
        #waiting: Done | null = null;

        constructor(
          request: Incoming,
          resolve?: (response: object) => void,
          reject?: (error: unknown) => void,
        ) {
          super();
          const { socket, method } = (request ?? {}) as { socket?: Socket; method?: string };
          this.req = request;
          this._hasBody = method !== "HEAD";
          // What a package makes for itself has no socket until it assigns one.
          this.socket = this.connection = typeof resolve === "function" ? (socket ?? null) : null;
          this.#resolve = typeof resolve === "function" ? resolve : undefined;
          this.#reject = reject;
        }

        get headersSent(): boolean {
          return this._header !== null && this._header !== "";
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
            for (const [name, value] of given as [string, unknown][])
              this.appendHeader(name, value);
          else
            for (let i = 0; i + 1 < given.length; i += 2)
              this.appendHeader(String(given[i]), given[i + 1]);
          if (BODILESS.has(status)) this._hasBody = false;
          this._header = headOf(this, this.#fields.pairs());
          return this;
        }

        /** Packages that change the head at the last moment put their own writeHead in place. */
        _implicitHeader(): void {
          if (!this.headersSent) this.writeHead(this.statusCode);
        }

        override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
          this._implicitHeader();
          return super.write(chunk, encoding, callback);
        }

        override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
          if (!this.writableEnded) this._implicitHeader();
          if (!this.#answered && !this.writableEnded) this.#atOnce = true;
          return super.end(chunk, encoding, callback);
        }

        _write(chunk: unknown, encoding: unknown, callback: Done): void {
          const bytes = toBytes(chunk, encoding);
          if (this.#resolve === undefined) {
            this.#sendHead();
            if (this._hasBody) this.socket?.write(buffers().wrap(bytes));
            return callback();
          }
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
          if (this.#resolve === undefined) this.#sendHead();
          else if (this.#answered) this.#controller?.close();
          else this.#respond(this.#chunks.length === 0 ? null : join(this.#chunks));
          callback();
        }

        _destroy(error: unknown, callback: Done): void {
          if (!this.writableFinished) {
            const reason = error ?? new Error("The response was destroyed before it ended");
            if (!this.#answered) this.#reject?.(reason);
            else this.#controller?.error(reason);
          }
          callback(error);
        }

        flushHeaders(): void {
          this._implicitHeader();
          if (this.#resolve === undefined) this.#sendHead();
          else this.#openStream();
        }

        #sendHead(): void {
          if (!this.#answered) this.socket?.write(this._header);
          this.#answered = true;
        }

        #openStream(): void {
          if (this.#answered) return;
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
          this.#answered = true;
          try {
            this.#resolve?.(
              new web.Response(this._hasBody ? body : null, {
                status: this.statusCode,
                statusText: this.statusMessage,
                headers: this.#fields.pairs(FRAMING),
              }),
            );
          } catch (error) {
            this.#reject?.(error);
          }
        }

        writeContinue(): void {}
        writeProcessing(): void {}
        writeEarlyHints(): void {}
        addTrailers(): void {}
        assignSocket(socket: Socket): void {
          this.socket = this.connection = socket;
        }
        detachSocket(): void {
          this.socket = this.connection = null;
        }
        setTimeout(): this {
          return this;
        }
      },
  );
}
