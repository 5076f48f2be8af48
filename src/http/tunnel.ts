/**
 * WebSockets, spoken by `Bun.serve` behind the listener: a connection whose script accepted one is joined to a
 * server on the loopback, which Bun's own implementation of RFC 6455 answers. Its port is open to this machine;
 * what it is asked for is a number of 128 random bits, good once.
 */
import { randomBytes } from "node:crypto";
import type { ExecWebSocket, HeaderList } from "../shared/execution.ts";
import { Output, type RawSocket } from "./output.ts";
import type { ReceivedRequest } from "./request.ts";
import { websocketHandler, type ScriptSocketData } from "./websocket.ts";

/** One client's bytes, to and from the WebSocket server. */
export interface Tunnel {
  /** From "draining" on the WebSocket has ended; when it is "over", all was sent to the client. */
  readonly phase: "open" | "draining" | "over";
  /** `rest`: what came right behind the handshake. */
  begin(rest: Uint8Array | null): void;
  fromClient(chunk: Uint8Array): void;
  clientDrained(): void;
  clientClosed(): void;
}

interface Awaited extends ScriptSocketData {
  headers: HeaderList;
}

const HOSTNAME = "127.0.0.1";

export class WebSocketServer {
  readonly #awaited = new Map<string, Awaited>();
  readonly #sockets = new Set<Bun.ServerWebSocket<ScriptSocketData>>();
  #server: Bun.Server<ScriptSocketData> | null = null;

  /** Null where the request is no handshake (RFC 6455, 4.2.1). */
  join(
    client: RawSocket,
    request: ReceivedRequest,
    script: ExecWebSocket,
    headers: HeaderList,
  ): Tunnel | null {
    const handshake = readHandshake(request);
    if (handshake === null) return null;
    const ticket = randomBytes(16).toString("hex");
    this.#awaited.set(ticket, { script, headers });
    return new Pipe(client, this.#port(), `GET /${ticket} HTTP/1.1\r\n${handshake}\r\n`, () => {
      if (this.#awaited.delete(ticket)) script.close(ABNORMAL, "The client went away");
    });
  }

  /** Tells every client that the server is going away (RFC 6455, 7.4.1): they may come again at once. */
  goAway(): void {
    for (const socket of this.#sockets) socket.close(GOING_AWAY, "The server is stopping");
  }

  async stop(): Promise<void> {
    await this.#server?.stop(true);
  }

  /** Started by the first that needs it. */
  #port(): number {
    this.#server ??= Bun.serve<ScriptSocketData>({
      hostname: HOSTNAME,
      port: 0,
      development: false,
      websocket: this.#handler(),
      fetch: (request, server) => this.#answer(request, server),
    });
    return this.#server.port ?? 0;
  }

  #handler(): Bun.WebSocketHandler<ScriptSocketData> {
    const { open, close } = websocketHandler;
    return {
      ...websocketHandler,
      open: (socket) => {
        this.#sockets.add(socket);
        return open?.(socket);
      },
      close: (socket, code, reason) => {
        this.#sockets.delete(socket);
        return close?.(socket, code, reason);
      },
    };
  }

  #answer(request: Request, server: Bun.Server<ScriptSocketData>): Response | undefined {
    const ticket = new URL(request.url).pathname.slice(1);
    const awaited = this.#awaited.get(ticket);
    this.#awaited.delete(ticket);
    if (awaited === undefined) return new Response(null, { status: 404 });
    const { script, headers } = awaited;
    if (upgraded(server, request, { script, headers })) return undefined;
    script.close(ABNORMAL, "The handshake failed");
    return new Response(null, { status: 400 });
  }
}

/** Bun throws for a header that it does not like. */
function upgraded(
  server: Bun.Server<ScriptSocketData>,
  request: Request,
  { script, headers }: Awaited,
): boolean {
  try {
    return server.upgrade(request, { data: { script }, headers });
  } catch {
    return false;
  }
}

const GOING_AWAY = 1001;
const ABNORMAL = 1006;
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** The header lines of the client's handshake that count, or null where it is none. */
function readHandshake(request: ReceivedRequest): string | null {
  const { method, isHttp10, isUpgrade, incoming, headers } = request;
  const key = headers.get("sec-websocket-key") ?? "";
  const isHandshake =
    method === "GET" &&
    !isHttp10 &&
    // Else the parser has gone on behind it.
    isUpgrade &&
    incoming === null &&
    hasToken(headers.get("upgrade"), "websocket") &&
    hasToken(headers.get("connection"), "upgrade") &&
    headers.get("sec-websocket-version") === "13" &&
    KEY.test(key);
  if (!isHandshake) return null;
  const protocols = headers.get("sec-websocket-protocol");
  const offered = protocols === null ? "" : `Sec-WebSocket-Protocol: ${protocols}\r\n`;
  return (
    `Host: ${HOSTNAME}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${offered}`
  );
}

const hasToken = (value: string | null, token: string): boolean =>
  (value ?? "").split(",").some((part) => part.trim().toLowerCase() === token);

/** Bytes both ways, each side read no faster than the other takes them. */
class Pipe implements Tunnel {
  readonly #client: RawSocket;
  #server: Lane | null = null;
  readonly #toServer: Uint8Array[];
  readonly #toClient: Lane;
  readonly #abandoned: () => void;
  readonly #port: number;
  phase: Tunnel["phase"] = "open";

  constructor(client: RawSocket, port: number, head: string, abandoned: () => void) {
    this.#client = client;
    this.#port = port;
    this.#abandoned = abandoned;
    this.#toServer = [Buffer.from(head, "latin1")];
    this.#toClient = new Lane(client);
  }

  begin(rest: Uint8Array | null): void {
    if (rest !== null) this.#toServer.push(rest);
    this.#client.pause();
    void this.#connect(this.#port).catch(() => this.#over());
  }

  async #connect(port: number): Promise<void> {
    await Bun.connect({
      hostname: HOSTNAME,
      port,
      socket: {
        open: (socket) => this.#connected(socket as unknown as RawSocket),
        data: (socket, chunk) => this.#toClient.write(chunk, socket as unknown as RawSocket),
        drain: () => this.#server?.drained(),
        close: () => this.#over(),
        error: () => this.#over(),
      },
    });
  }

  #connected(server: RawSocket): void {
    if (this.phase !== "open") return server.terminate();
    this.#server = new Lane(server);
    // First, since there may be no room for what has come.
    this.#client.resume();
    for (const chunk of this.#toServer) this.#server.write(chunk, this.#client);
    this.#toServer.length = 0;
  }

  fromClient(chunk: Uint8Array): void {
    if (this.#server === null) this.#toServer.push(chunk);
    else this.#server.write(chunk, this.#client);
  }

  clientDrained(): void {
    this.#toClient.drained();
  }

  clientClosed(): void {
    this.phase = "over";
    this.#server?.socket.terminate();
    this.#abandoned();
  }

  #over(): void {
    if (this.phase !== "open") return;
    this.phase = "draining";
    this.#toClient.endWhenEmpty(() => (this.phase = "over"));
    this.#abandoned();
  }
}

/** One direction. */
class Lane {
  readonly socket: RawSocket;
  readonly #output: Output;
  #paused: RawSocket | null = null;
  #emptied: (() => void) | null = null;

  constructor(socket: RawSocket) {
    this.socket = socket;
    this.#output = new Output(socket);
  }

  /** `source` waits while there is no room. */
  write(chunk: Uint8Array, source: RawSocket): void {
    this.#output.write(chunk);
    if (this.#output.flush() || this.#paused !== null) return;
    this.#paused = source;
    source.pause();
  }

  drained(): void {
    if (!this.#output.drained()) return;
    this.#paused?.resume();
    this.#paused = null;
    this.#end();
  }

  endWhenEmpty(ended: () => void): void {
    this.#emptied = ended;
    if (this.#output.isEmpty) this.#end();
  }

  #end(): void {
    if (this.#emptied === null) return;
    this.socket.end();
    this.#emptied();
  }
}
