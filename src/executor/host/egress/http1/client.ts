/** An HTTP/1.1 client on sockets that the egress policy has let through. */
import type { Socket } from "node:net";
import { HostError } from "../../host-function.ts";
import { allowedAddresses, openAny, type Destination } from "../connect.ts";
import type { EgressPolicy } from "../policy.ts";
import type { EgressPorts } from "../ports.ts";
import { frameBody, type BodySource } from "./body.ts";
import { formatHead, readHead, valuesOf, type FlatHeaders, type ResponseHead } from "./head.ts";
import type { ConnectionPool } from "./pool.ts";
import { SocketReader } from "./socket-reader.ts";

export interface OutgoingRequest {
  destination: Destination;
  method: string;
  /** Path and query. */
  target: string;
  /** Without framing headers. */
  headers: FlatHeaders;
  /** A function gives a streamed body piece by piece. */
  body: Uint8Array | BodySource | null;
  signal: AbortSignal;
  /** The longest silence in either direction, in ms. */
  idleMs: number;
}

export interface IncomingResponse {
  head: ResponseHead;
  /** Null: there is no body. Closing early is `close`. */
  body: BodySource | null;
  close(): void;
}

/** Everything a connection needs; one per app and sandbox, so that nobody uses another one's sockets. */
export interface ClientContext {
  ports: EgressPorts;
  policy: EgressPolicy;
  pool: ConnectionPool;
}

const gone = (): HostError =>
  new HostError("TypeError", "The connection ended before there was an answer");

function framed({ headers, body, method }: OutgoingRequest): FlatHeaders {
  if (typeof body === "function") return [...headers, "transfer-encoding", "chunked"];
  if (body !== null) return [...headers, "content-length", String(body.length)];
  const needsLength = method === "POST" || method === "PUT";
  return needsLength ? [...headers, "content-length", "0"] : headers;
}

function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (socket.destroyed) return Promise.reject(gone());
  if (socket.write(bytes)) return Promise.resolve();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const settle = (): void => {
    socket.off("drain", settle);
    socket.off("close", settle);
    if (socket.destroyed) reject(gone());
    else resolve();
  };
  socket.on("drain", settle);
  socket.on("close", settle);
  return promise;
}

/** Rejects only for what the source of the body threw: a server may close early and still have answered. */
async function sendBody(socket: Socket, body: Uint8Array | BodySource | null): Promise<void> {
  if (body === null) return;
  if (typeof body !== "function") {
    if (body.length > 0) await write(socket, body).catch(() => undefined);
    return;
  }
  for (;;) {
    const chunk = await body();
    if (chunk !== null && chunk.length === 0) continue;
    const bytes = chunk === null ? LAST_CHUNK : framedChunk(chunk);
    const sent = await write(socket, bytes).then(
      () => true,
      () => false,
    );
    if (!sent || chunk === null) return;
  }
}
const framedChunk = (chunk: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, CRLF]);
const CRLF = Buffer.from("\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/** Sends and waits for the head. Rejects with a TypeError, or with what `signal` was aborted with. */
async function exchange(reader: SocketReader, request: OutgoingRequest): Promise<ResponseHead> {
  const { socket } = reader;
  const { body } = request;
  reader.received = false;
  await write(socket, formatHead(request.method, request.target, framed(request)));
  const sent = sendBody(socket, body);
  // A server may answer before it has read everything.
  const head = await Promise.race([readHead(reader), sent.then(() => readHeadNever, fail)]);
  if (head === null) throw gone();
  return head;
}
const readHeadNever = new Promise<never>(() => undefined);
const fail = (error: unknown): never => {
  throw error;
};

/** One request on one connection, without redirects or decoding. */
export async function send(
  context: ClientContext,
  request: OutgoingRequest,
): Promise<IncomingResponse> {
  const { destination, signal } = request;
  const { ports, policy, pool } = context;
  const addresses = await allowedAddresses(ports, policy, destination.host);
  signal.throwIfAborted();
  for (let reused = pool.take(destination, addresses); ; reused = undefined) {
    const reader = reused ?? new SocketReader(await openAny(ports, destination, addresses));
    try {
      return await attempt(context, request, reader);
    } catch (error) {
      reader.socket.destroy();
      signal.throwIfAborted();
      // A kept connection may have been closed by the server just now.
      const again = reused !== undefined && !reader.received && typeof request.body !== "function";
      if (again) continue;
      if (error instanceof HostError) throw error;
      throw new HostError(
        "TypeError",
        `The request to ${destination.host} failed: ${String(error)}`,
      );
    }
  }
}

async function attempt(
  { pool }: ClientContext,
  request: OutgoingRequest,
  reader: SocketReader,
): Promise<IncomingResponse> {
  const { signal, destination, method } = request;
  const { socket } = reader;
  const onAbort = (): void => {
    socket.destroy();
  };
  signal.addEventListener("abort", onAbort);
  const onSilence = (): void => {
    socket.destroy(new HostError("TypeError", "The connection was silent for too long"));
  };
  socket.setTimeout(request.idleMs, onSilence);
  // The connection may serve other requests, which listen for themselves.
  const forget = (): void => {
    signal.removeEventListener("abort", onAbort);
    socket.removeListener("timeout", onSilence);
  };
  try {
    signal.throwIfAborted();
    const head = await exchange(reader, request);
    const { read, untilClose } = frameBody(reader, head, method);
    let ended = false;
    const finish = (): void => {
      if (ended) return;
      ended = true;
      forget();
      if (head.keepAlive && !untilClose && reader.idle) pool.give(destination, reader);
      else socket.destroy();
    };
    const empty = valuesOf(head.headers, "content-length")[0] === "0";
    if (read === null || empty) {
      finish();
      return { head, body: read === null ? null : () => Promise.resolve(null), close: finish };
    }
    const body: BodySource = async () => {
      const chunk = await read();
      if (chunk === null) finish();
      return chunk;
    };
    const close = (): void => {
      if (ended) return;
      ended = true;
      forget();
      socket.destroy();
    };
    return { head, body, close };
  } catch (error) {
    forget();
    throw error;
  }
}
