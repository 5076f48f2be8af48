/** http.createServer over the script's routes: what listens answers the script's requests, whatever the port. */
import { usePart } from "../registry.ts";
import type { Emitter, NodeEventsPart } from "../node-events/contract.ts";
import { callable } from "../node-events/callable.ts";
import type { Incoming, IncomingClass, MessageInit } from "./incoming.ts";
import type { Outgoing, ResponseClass } from "./outgoing.ts";

type Listener = (...args: never[]) => unknown;
interface WebRequest extends MessageInit {
  signal: { addEventListener(type: string, listener: () => void): void };
}
interface Info {
  remoteAddr: { hostname: string; port: number };
}
interface Core {
  serve(handler: (request: WebRequest, info: Info) => Promise<unknown>): unknown;
}
interface ServerTools {
  IncomingMessage: IncomingClass;
  ServerResponse: ResponseClass;
}

export type ServerClass = new (first?: unknown, second?: unknown) => Emitter;

export function makeServer({ IncomingMessage, ServerResponse }: ServerTools): ServerClass {
  const { EventEmitter } = usePart<NodeEventsPart>("node-events");
  return callable(
    EventEmitter,
    (base) =>
      class Server extends base {
        listening = false;
        timeout = 0;
        keepAliveTimeout = 5000;
        headersTimeout = 60_000;
        requestTimeout = 300_000;
        maxHeadersCount = null;

        constructor(first?: unknown, second?: unknown) {
          super();
          const listener = typeof first === "function" ? first : second;
          if (typeof listener === "function") this.on("request", listener as Listener);
        }

        listen(...args: unknown[]): this {
          usePart<Core>("core").serve((request, info) => this.#answer(request, info));
          this.listening = true;
          const callback = args.findLast((item) => typeof item === "function");
          if (callback !== undefined) this.once("listening", callback as Listener);
          void Promise.resolve().then(() => this.emit("listening"));
          return this;
        }

        address(): object {
          return { address: "0.0.0.0", family: "IPv4", port: 8000 };
        }

        close(callback?: Listener): this {
          this.listening = false;
          if (callback !== undefined) this.once("close", callback);
          void Promise.resolve().then(() => this.emit("close"));
          return this;
        }

        closeAllConnections(): void {}
        closeIdleConnections(): void {}
        ref(): this {
          return this;
        }
        unref(): this {
          return this;
        }
        setTimeout(): this {
          return this;
        }

        #answer(request: WebRequest, info: Info): Promise<unknown> {
          const url = new (
            globalThis as unknown as {
              URL: new (url: string) => { pathname: string; search: string };
            }
          ).URL(request.url);
          const { hostname, port } = info.remoteAddr;
          const { method, headers, body } = request;
          const incoming: Incoming = new IncomingMessage({
            ...(method === undefined ? {} : { method }),
            headers,
            body,
            url: url.pathname + url.search,
            remoteAddress: hostname,
            remotePort: port,
          });
          return new Promise((resolve, reject) => {
            const outgoing: Outgoing = new ServerResponse(incoming, resolve, reject);
            request.signal.addEventListener("abort", () => {
              incoming.aborted = true;
              incoming.emit("aborted");
              outgoing.destroy();
            });
            if (!this.emit("request", incoming, outgoing))
              reject(new Error("The server has no listener for requests"));
          });
        }
      },
  );
}
