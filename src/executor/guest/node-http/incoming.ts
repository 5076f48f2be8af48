/** http.IncomingMessage: a response that the client got, or a request that the server got. */
import { callable } from "../node-events/callable.ts";
import { streams } from "./streams.ts";

interface Reader {
  read(): Promise<{ done: boolean; value?: unknown }>;
  cancel(reason?: unknown): Promise<void>;
}
export interface MessageInit {
  url: string;
  method?: string;
  status?: number;
  statusText?: string;
  headers: {
    forEach(visit: (value: string, name: string) => void): void;
    getSetCookie(): string[];
  };
  body: { getReader(): Reader } | null;
  remoteAddress?: string;
  remotePort?: number;
}

export interface Incoming {
  readonly headers: Record<string, string | string[]>;
  emit(name: string, ...args: unknown[]): boolean;
  destroy(error?: unknown): unknown;
  aborted: boolean;
}
/** From others than this part: the socket. */
export type IncomingClass = new (init?: MessageInit | Socket) => Incoming;
type Socket = object & { headers?: never };

const ignore = (promise: Promise<unknown>): void => void promise.catch(() => undefined);

function makeSocket(init: MessageInit): object {
  const nothing = (): undefined => undefined;
  const { remoteAddress = "", remotePort = 0 } = init;
  const names = [
    "on",
    "once",
    "off",
    "removeListener",
    "setTimeout",
    "setNoDelay",
    "setKeepAlive",
    "destroy",
    "ref",
    "unref",
    "cork",
    "uncork",
  ];
  return {
    remoteAddress,
    remotePort,
    remoteFamily: remoteAddress.includes(":") ? "IPv6" : "IPv4",
    encrypted: init.url.startsWith("https:"),
    readable: true,
    writable: true,
    destroyed: false,
    ...Object.fromEntries(names.map((name) => [name, nothing])),
  };
}

const isInit = (given: MessageInit | Socket | undefined): given is MessageInit =>
  typeof (given as MessageInit | undefined)?.headers?.forEach === "function";

export function makeIncoming(): IncomingClass {
  const { Readable } = streams();
  return callable(
    Readable,
    (base) =>
      class IncomingMessage extends base {
        readonly headers: Record<string, string | string[]> = {};
        readonly rawHeaders: string[] = [];
        readonly httpVersion = "1.1";
        readonly httpVersionMajor = 1;
        readonly httpVersionMinor = 1;
        readonly trailers = {};
        readonly rawTrailers: string[] = [];
        readonly statusCode: number | null;
        readonly statusMessage: string | null;
        readonly socket: object | undefined;
        readonly connection: object | undefined;
        readonly method: string | null;
        url: string;
        aborted = false;
        complete = false;
        /** Undefined where its maker pushes the body. */
        readonly #body: MessageInit["body"] | undefined;
        #reader: Reader | null = null;

        constructor(given?: MessageInit | Socket) {
          super();
          const init = isInit(given) ? given : undefined;
          this.#body = init?.body;
          this.statusCode = init?.status ?? null;
          this.statusMessage = init?.statusText ?? null;
          this.method = init?.method ?? null;
          this.socket = this.connection = init === undefined ? given : makeSocket(init);
          this.url = init?.url ?? "";
          if (init === undefined) return;
          init.headers.forEach((value, name) => {
            this.rawHeaders.push(name, value);
            if (name !== "set-cookie") this.headers[name] = value;
          });
          const cookies = init.headers.getSetCookie();
          if (cookies.length > 0) this.headers["set-cookie"] = cookies;
        }

        get headersDistinct(): Record<string, string[]> {
          return Object.fromEntries(
            Object.entries(this.headers).map(([name, value]) => [name, [value].flat()]),
          );
        }

        _read(): void {
          if (this.#body === undefined) return;
          if (this.#body === null) return this.#end();
          this.#reader ??= this.#body.getReader();
          this.#reader.read().then(
            ({ done, value }) => {
              if (done) this.#end();
              else this.push(value);
            },
            (error: unknown) => this.destroy(error),
          );
        }

        #end(): void {
          this.complete = true;
          this.push(null);
        }

        _destroy(error: unknown, callback: (error: unknown) => void): void {
          if (!this.complete && this.#reader !== null) ignore(this.#reader.cancel(error));
          callback(error);
        }

        setTimeout(): this {
          return this;
        }
      },
  );
}
