/** The HTTP/1.1 server and a client of raw sockets. */
import { connect, type Socket } from "node:net";
import type { ConnectionHost } from "../../src/http/connection.ts";
import type { RawSocket } from "../../src/http/output.ts";
import { serveHttp, type HttpServerOptions } from "../../src/http/server.ts";
import type { ReceivedRequest } from "../../src/http/request.ts";
import type { Answer, Handled } from "../../src/shared/http.ts";

export const answer = (body: Answer["body"], headers: Answer["headers"] = []): Answer => ({
  status: 200,
  headers,
  body,
});

interface Open extends AsyncDisposable {
  port: number;
  stop(graceMs: number): Promise<void>;
}

export function open(
  handler: (request: ReceivedRequest) => Handled,
  options: Partial<HttpServerOptions> = {},
): Open {
  const server = serveHttp({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeoutSeconds: 30,
    bodyBytesMax: 1_000_000,
    handler,
    ...options,
  });
  return {
    port: server.port,
    stop: (graceMs) => server.stop(graceMs),
    [Symbol.asyncDispose]: () => server.stop(0),
  };
}

/** A client that reads what it is told to. */
export class Client {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  text = "";
  #wake: (() => void)[] = [];

  constructor(port: number, bytes: string | Uint8Array = "") {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.on("data", (chunk) => {
      this.text += chunk.toString("latin1");
      for (const wake of this.#wake.splice(0)) wake();
    });
    this.socket.on("error", () => undefined);
    // A peer that ends and one that resets are both gone.
    this.closed = new Promise((resolve) => {
      this.socket.on("end", () => resolve());
      this.socket.on("close", () => resolve());
    });
    this.socket.write(bytes);
  }

  async until(has: (text: string) => boolean): Promise<string> {
    while (!has(this.text))
      await Promise.race([
        new Promise<void>((resolve) => void this.#wake.push(resolve)),
        this.closed.then(() => {
          if (!has(this.text)) throw new Error(`Closed after ${JSON.stringify(this.text)}`);
        }),
      ]);
    return this.text;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** The value at which it has not changed for hundreds of turns of the event loop. */
export async function standstill(value: () => number): Promise<number> {
  let last = value();
  for (let turns = 0; turns < 500; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (value() === last) continue;
    last = value();
    turns = 0;
    if (last > 64 * 1024 * 1024) break;
  }
  return last;
}

export const get = (path: string, ...headers: string[]): string =>
  ["GET " + path + " HTTP/1.1", "Host: x", ...headers, "", ""].join("\r\n");
export const post = (length: number, ...headers: string[]): string =>
  ["POST / HTTP/1.1", "Host: x", `Content-Length: ${length}`, ...headers, "", ""].join("\r\n");

/** A client that takes everything and says nothing. */
export const noSocket: RawSocket = {
  remoteAddress: "192.0.2.1",
  remotePort: 1,
  write: (data) => data.length,
  end: () => undefined,
  shutdown: () => undefined,
  terminate: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

/** A server that calls nobody back. */
export const hostOf = (handler: ConnectionHost["handler"]): ConnectionHost => ({
  handler,
  bodyBytesMax: 1_000_000,
  idleSeconds: 30,
  seconds: 0,
  isStopping: false,
  failed: (_, error) => {
    throw error;
  },
  ready: () => undefined,
  written: () => undefined,
  tunnel: () => null,
  closed: () => undefined,
});
