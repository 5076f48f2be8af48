/**
 * An HTTP/1.1 server on `Bun.listen`. Requests are run in batches: all that came in by one look at the sockets,
 * one after another, and then their answers are written, one after another. README.md says what that saves.
 */
import type { Handled } from "../shared/http.ts";
import { connectionsMax } from "./capacity.ts";
import { Connection, type ConnectionHost } from "./connection.ts";
import { faultAnswer, INTERNAL } from "./faults.ts";
import type { ReceivedRequest } from "./request.ts";
import { WebSocketServer } from "./tunnel.ts";

export interface HttpServerOptions {
  hostname: string;
  /** 0 for any that is free. */
  port: number;
  /** Undefined where the connection was upgraded. What it throws is answered by 500. */
  handler(request: ReceivedRequest): Handled;
  /** For a connection without a request, a head, and the next bytes of a body. */
  idleTimeoutSeconds: number;
  /** Bodies past this are refused. */
  bodyBytesMax: number;
  /** Descriptors for clients, of which a WebSocket takes three; by default as many as the system has room for. */
  connectionsMax?: number;
  /** What the handler threw. */
  onError?(error: unknown): void;
}

export interface HttpServer {
  port: number;
  /** Takes no new connection, lets running requests end within the bound, then cuts the rest. */
  stop(graceMs: number): Promise<void>;
}

/** Requests run before answers are written, when more are waiting. Milliseconds. */
const BATCH_MS = 4;
const TICK_MS = 1000;
/** Both ends of the way to the WebSocket server. */
const TUNNEL_DESCRIPTORS = 2;

/** @throws Error when the address cannot be had */
export function serveHttp(options: HttpServerOptions): HttpServer {
  return new Server(options);
}

class Server implements HttpServer, ConnectionHost {
  readonly bodyBytesMax: number;
  readonly idleSeconds: number;
  readonly handler: (request: ReceivedRequest) => Handled;
  seconds = 0;
  isStopping = false;
  readonly #options: HttpServerOptions;
  readonly #listener: Bun.TCPSocketListener<Connection | undefined>;
  readonly #webSockets = new WebSocketServer();
  readonly #connectionsMax: number;
  #descriptors = 0;
  readonly #connections = new Set<Connection>();
  readonly #ticker: Timer;
  #ready: Connection[] = [];
  #written: Connection[] = [];
  #isScheduled = false;
  #emptied: (() => void) | null = null;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.bodyBytesMax = options.bodyBytesMax;
    this.idleSeconds = options.idleTimeoutSeconds;
    this.handler = (request) => this.#handle(request);
    this.#connectionsMax = options.connectionsMax ?? connectionsMax();
    this.#listener = Bun.listen<Connection | undefined>({
      hostname: options.hostname,
      port: options.port,
      allowHalfOpen: true,
      socket: {
        open: (socket) => {
          if (!this.#hasRoom()) return socket.terminate();
          const connection = new Connection(this, socket);
          socket.data = connection;
          this.#connections.add(connection);
          this.#descriptors += 1;
        },
        data: (socket, chunk) => socket.data?.received(chunk),
        drain: (socket) => socket.data?.drained(),
        end: (socket) => socket.data?.ended(),
        close: (socket) => socket.data?.closed(),
        error: (socket) => socket.data?.destroy(),
      },
    });
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  get port(): number {
    return this.#listener.port;
  }

  async stop(graceMs: number): Promise<void> {
    this.isStopping = true;
    this.#listener.stop(false);
    for (const connection of this.#connections) connection.retire();
    this.#webSockets.goAway();
    await this.#empty(graceMs);
    for (const connection of this.#connections) connection.destroy();
    clearInterval(this.#ticker);
    await this.#webSockets.stop();
  }

  async #empty(graceMs: number): Promise<void> {
    if (this.#connections.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#emptied = resolve;
    const timer = setTimeout(resolve, graceMs);
    await promise;
    clearTimeout(timer);
  }

  #handle(request: ReceivedRequest): Handled {
    try {
      const handled = this.#options.handler(request);
      return handled instanceof Promise ? handled.catch((error) => this.#failed(error)) : handled;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #failed(error: unknown): ReturnType<typeof faultAnswer> {
    this.#options.onError?.(error);
    return faultAnswer(INTERNAL);
  }

  #tick(): void {
    this.seconds += TICK_MS / 1000;
    for (const connection of this.#connections) connection.tick();
  }

  // Of the connections.

  failed(connection: Connection, error: unknown): void {
    this.#options.onError?.(error);
    connection.destroy();
  }

  ready(connection: Connection): void {
    if (connection.isReady) return;
    connection.isReady = true;
    this.#ready.push(connection);
    this.#schedule();
  }

  written(connection: Connection): void {
    if (connection.isWritten) return;
    connection.isWritten = true;
    this.#written.push(connection);
    this.#schedule();
  }

  /** Where there is none, the connection that was opened first of those without a request makes some. */
  #hasRoom(): boolean {
    if (this.#descriptors < this.#connectionsMax) return true;
    for (const connection of this.#connections) if (connection.evict()) return true;
    return false;
  }

  tunnel: ConnectionHost["tunnel"] = (socket, request, script, headers) => {
    if (this.#descriptors + TUNNEL_DESCRIPTORS > this.#connectionsMax) return null;
    const tunnel = this.#webSockets.join(socket, request, script, headers);
    if (tunnel !== null) this.#descriptors += TUNNEL_DESCRIPTORS;
    return tunnel;
  };

  closed(connection: Connection): void {
    this.#connections.delete(connection);
    this.#descriptors -= connection.isTunnel ? 1 + TUNNEL_DESCRIPTORS : 1;
    if (this.#connections.size === 0) this.#emptied?.();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#work());
  }

  #work(): void {
    const ready = this.#ready;
    this.#ready = [];
    const until = performance.now() + BATCH_MS;
    let next = 0;
    for (; next < ready.length; next++) {
      const connection = ready[next];
      if (connection === undefined || performance.now() > until) break;
      connection.isReady = false;
      try {
        connection.run(until);
      } catch (error) {
        this.failed(connection, error);
      }
    }
    const written = this.#written;
    this.#written = [];
    for (const connection of written) {
      connection.isWritten = false;
      connection.flush();
    }
    this.#isScheduled = false;
    if (next < ready.length) this.#ready = [...ready.slice(next), ...this.#ready];
    if (this.#ready.length > 0 || this.#written.length > 0) this.#schedule();
  }
}
