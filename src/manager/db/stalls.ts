/**
 * Cuts connections to a database that hangs. A server that is frozen, or behind a network that drops
 * packets, answers nothing and closes nothing: without this, queries would wait for hours.
 */
import { connect, Socket } from "node:net";

/** A connection that has waited this long for its first byte is looked at. */
const SILENCE_MS = 3_000;
const LOOK_EVERY_MS = 500;

export interface StallOptions {
  open(): Socket;
  /** Whether the database answers a new connection, within a bound. Long queries are no stall. */
  answers(): Promise<boolean>;
  silenceMs?: number;
}

/** As the driver's own limit, which starts only when it has the socket. */
const CONNECT_MS_MAX = 5_000;

interface Watched {
  socket: Socket;
  /** Bytes received when the oldest unanswered write was made. */
  receivedBefore: number;
  /** Of `performance.now()`; 0 when nothing waits for an answer. */
  waitingSince: number;
}

/** Makes the sockets of a pool and watches them; without traffic it has no timer. */
export class StallGuard {
  readonly #options: StallOptions;
  readonly #watched = new Set<Watched>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StallOptions) {
    this.#options = options;
  }

  /** A socket that is being connected; what is written by then is sent after. */
  open(): Socket {
    const socket = this.#options.open();
    const watched: Watched = { socket, receivedBefore: 0, waitingSince: 0 };
    this.#watched.add(watched);
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (...args: unknown[]): boolean => {
      this.#wrote(watched);
      return write(...args);
    };
    // `close` may come when the driver has taken its listeners off, and ours with them.
    const destroy = socket.destroy.bind(socket);
    socket.destroy = (error?: Error) => {
      this.#watched.delete(watched);
      return destroy(error);
    };
    socket.once("close", () => this.#watched.delete(watched));
    return socket;
  }

  /**
   * For the driver, which adds its listeners only when it is given the socket: a failure of before is told
   * again then, or the driver would wait for ever.
   */
  async connected(): Promise<Socket> {
    const socket = this.open();
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    const failed = (error: Error) => resolve(error);
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error("Connecting took too long"), { code: "ETIMEDOUT" }));
    }, CONNECT_MS_MAX);
    socket.once("connect", () => resolve(undefined));
    socket.on("error", failed);
    const error = await promise;
    clearTimeout(timer);
    // The listener stays: an error between here and the driver's own must not end the process.
    if (error === undefined) return socket;
    return failedSocket(error);
  }

  #wrote(watched: Watched): void {
    if (isAnswered(watched)) {
      watched.waitingSince = performance.now();
      watched.receivedBefore = watched.socket.bytesRead;
    }
    this.#arm();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => void this.#look(), LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const now = performance.now();
    let isSilent = false;
    let mayStall = false;
    for (const watched of this.#watched) {
      if (watched.socket.destroyed) this.#watched.delete(watched);
      if (isAnswered(watched)) continue;
      mayStall = true;
      isSilent ||= now - watched.waitingSince >= (this.#options.silenceMs ?? SILENCE_MS);
    }
    if (isSilent && !(await this.#options.answers())) this.#cut(now);
    this.#timer = undefined;
    if (mayStall) this.#arm();
  }

  /** Those that wait, and idle ones too: on a dead network they would be the next to hang. */
  #cut(askedAt: number): void {
    const error = Object.assign(new Error("The database does not answer"), { code: "ETIMEDOUT" });
    for (const watched of this.#watched) {
      if (watched.waitingSince > askedAt) continue;
      watched.socket.destroy(error);
    }
  }
}

/**
 * Stands for a socket that could not connect. A real one has told its failure by now, and its `close` alone
 * makes the driver try again at once, for ever; this one fails in the order that the driver knows.
 */
function failedSocket(error: Error): Socket {
  // Never connected: it holds nothing, and emits only what is emitted here.
  const socket = new Socket();
  socket.write = () => true;
  setImmediate(() => {
    if (socket.listenerCount("error") > 0) socket.emit("error", error);
    socket.emit("close", true);
  });
  return socket;
}

function isAnswered(watched: Watched): boolean {
  if (watched.waitingSince === 0 || watched.socket.destroyed) return true;
  if (watched.socket.bytesRead === watched.receivedBefore) return false;
  watched.waitingSince = 0;
  return true;
}

/** Where a URL of one plain server leads, or null where the driver must connect by itself (TLS, several servers). */
export function plainTarget(url: string, path: string | undefined): (() => Socket) | null {
  if (path !== undefined) return () => connect(path);
  const { hostname, port, searchParams } = new URL(url);
  const usesTls = searchParams.has("ssl") || searchParams.has("sslmode");
  if (usesTls || hostname === "" || hostname.includes(",")) return null;
  const host = hostname.replace(/^\[|\]$/g, "");
  return () => connect({ host, port: port === "" ? 5432 : Number(port) });
}
