/** net.Socket and tls.TLSSocket: client connections under the app's egress policy. */
import { bindHostAsync } from "../bridge.ts";
import { usePart } from "../registry.ts";
import { toBytes } from "../node-crypto/bytes.ts";
import type { Emitter } from "../node-events/contract.ts";

type Listener = (...args: never[]) => unknown;
type Done = (error?: unknown) => void;
interface Duplex extends Emitter {
  push(chunk: unknown): boolean;
  destroy(error?: unknown): this;
  destroyed: boolean;
}
export interface ConnectOptions {
  host?: string;
  hostname?: string;
  port?: number | string;
  path?: string;
  servername?: string;
  /** A connection to speak TLS over. */
  socket?: SocketInstance;
  timeout?: number;
}
export interface SocketInstance extends Duplex {
  connect(...args: unknown[]): this;
  open(options: ConnectOptions, tls: boolean): this;
  adopt(socket: SocketInstance, host: string): this;
  /** The host's number for the connection, handed over for TLS. */
  release(): Promise<string>;
}

const openSocket = bindHostAsync("tcp.open");
const readSocket = bindHostAsync("tcp.read");
const writeSocket = bindHostAsync("tcp.write");
const closeSocket = bindHostAsync("tcp.close");
const startTls = bindHostAsync("tcp.startTls");
const web = globalThis as unknown as {
  setTimeout(callback: () => void, delay: number): number;
  clearTimeout(id: number): void;
};

const CODES: Readonly<Record<string, string>> = {
  ConnectionReset: "ECONNRESET",
  BrokenPipe: "EPIPE",
  BadResource: "EPIPE",
  InvalidData: "ERR_TLS_HANDSHAKE",
};
const nodeCode = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: string };
  return Object.assign(error, { code: CODES[code ?? ""] ?? "ECONNREFUSED" });
};

const drop = (id: Promise<string>): void =>
  void id.then((open) => closeSocket(open, false)).catch(() => undefined);

type SocketClass = new (options?: object) => SocketInstance;
let Class: SocketClass | undefined;
export const socketClass = (): SocketClass => (Class ??= makeClass());

function makeClass(): SocketClass {
  const { Duplex } = usePart<{ stream: { Duplex: new (options: object) => Duplex } }>(
    "node-stream",
  ).stream;
  return class Socket extends Duplex implements SocketInstance {
    connecting = false;
    encrypted = false;
    authorized = false;
    remoteAddress: string | undefined;
    remotePort: number | undefined;
    readonly localAddress = "0.0.0.0";
    readonly localPort = 0;
    readonly alpnProtocol = false;
    bytesRead = 0;
    bytesWritten = 0;
    #id: Promise<string> = Promise.withResolvers<string>().promise;
    #released = false;
    #reading = false;
    #idleMs = 0;
    #timer: number | undefined;

    /** Only over a stream: packages take Node's class for such sockets from here. */
    readonly _handle: { _parentWrap: object } | undefined;

    constructor(options: object = {}) {
      super({ ...options, allowHalfOpen: true, emitClose: true });
      if ("pipe" in options) this._handle = { _parentWrap: this };
    }

    connect(...args: unknown[]): this {
      const listener = args.findLast((item) => typeof item === "function") as Listener | undefined;
      if (listener !== undefined) this.once("connect", listener);
      const [first, second] = args;
      const options =
        typeof first === "object" && first !== null
          ? (first as ConnectOptions)
          : { port: first as number, ...(typeof second === "string" ? { host: second } : {}) };
      return this.open(options, false);
    }

    open(options: ConnectOptions, tls: boolean): this {
      const host = options.host ?? options.hostname ?? "localhost";
      const port = Number(options.port);
      this.connecting = true;
      this.#id = openSocket(host, port, tls) as Promise<string>;
      return this.#opened(host, port, tls);
    }

    adopt(socket: SocketInstance, host: string): this {
      this.#id = socket.release().then(async (id) => {
        await startTls(id, host);
        return id;
      });
      return this.#opened(host, 0, true);
    }

    release(): Promise<string> {
      this.#released = true;
      return this.#id;
    }

    #opened(host: string, port: number, tls: boolean): this {
      this.#id.then(
        () => {
          Object.assign(this, {
            connecting: false,
            remoteAddress: host,
            remotePort: port,
            encrypted: tls,
            authorized: tls,
          });
          this.emit("connect");
          if (tls) this.emit("secureConnect");
          this.emit("ready");
        },
        (error: unknown) => this.destroy(nodeCode(error)),
      );
      return this;
    }

    _read(): void {
      if (this.#reading || this.#released) return;
      this.#reading = true;
      this.#id
        .then((id) => (this.#released ? undefined : readSocket(id)))
        .then(
          (chunk) => {
            this.#reading = false;
            if (chunk === undefined) return;
            this.#touch();
            if (chunk instanceof Uint8Array) this.bytesRead += chunk.length;
            this.push(chunk === null ? null : toBytes(chunk));
          },
          (error: unknown) => this.destroy(nodeCode(error)),
        );
    }

    _write(chunk: unknown, encoding: unknown, done: Done): void {
      const bytes = toBytes(chunk, encoding);
      this.bytesWritten += bytes.length;
      this.#touch();
      this.#id
        .then((id) => writeSocket(id, bytes))
        .then(
          () => done(),
          (error: unknown) => done(nodeCode(error)),
        );
    }

    _final(done: Done): void {
      this.#id
        .then((id) => closeSocket(id, true))
        .then(
          () => done(),
          () => done(),
        );
    }

    _destroy(error: unknown, done: Done): void {
      if (this.#timer !== undefined) web.clearTimeout(this.#timer);
      if (!this.#released && this.remoteAddress !== undefined) drop(this.#id);
      done(error);
    }

    #touch(): void {
      if (this.#timer !== undefined) web.clearTimeout(this.#timer);
      this.#timer =
        this.#idleMs > 0 ? web.setTimeout(() => this.emit("timeout"), this.#idleMs) : undefined;
    }

    setTimeout(delay: number, listener?: Listener): this {
      if (listener !== undefined) this.once("timeout", listener);
      this.#idleMs = delay;
      this.#touch();
      return this;
    }

    setNoDelay(): this {
      return this;
    }
    setKeepAlive(): this {
      return this;
    }
    ref(): this {
      return this;
    }
    unref(): this {
      return this;
    }
    address(): object {
      return { address: "0.0.0.0", family: "IPv4", port: 0 };
    }
    getPeerCertificate(): object {
      return {};
    }
    getCipher(): object {
      return { name: "TLS", version: "TLSv1.3" };
    }
    destroySoon(): void {
      (this as unknown as { end(): void }).end();
    }
  };
}

export const connect = (...args: unknown[]): SocketInstance =>
  new (socketClass())().connect(...args);

export function connectTls(...args: unknown[]): SocketInstance {
  const listener = args.findLast((item) => typeof item === "function") as Listener | undefined;
  const [first, second, third] = args;
  const options: ConnectOptions =
    typeof first === "object" && first !== null
      ? first
      : {
          port: first as number,
          ...(typeof second === "string" ? { host: second } : {}),
          ...(typeof second === "object" ? second : {}),
          ...(typeof third === "object" ? third : {}),
        };
  const socket = new (socketClass())();
  if (listener !== undefined) socket.once("secureConnect", listener);
  if (options.socket !== undefined)
    return socket.adopt(options.socket, options.servername ?? options.host ?? "localhost");
  return socket.open(options, true);
}
