/** Idle connections of one sandbox, by the address they go to. */
import { formatAddress, parseAddress } from "../address.ts";
import type { Destination } from "../connect.ts";
import type { SocketReader } from "./socket-reader.ts";

const IDLE_MS = 10_000;
const MAX_IDLE = 16;

interface Idle {
  key: string;
  reader: SocketReader;
  timer: ReturnType<typeof setTimeout>;
}

const keyOf = ({ host, port, secure }: Destination, address: string | undefined): string =>
  `${secure ? "tls" : "tcp"} ${host} ${port} ${address ?? ""}`;

export class ConnectionPool {
  #idle: Idle[] = [];
  #closed = false;

  /** A connection to one of the addresses, all of which were checked just now. */
  take(destination: Destination, addresses: readonly string[]): SocketReader | undefined {
    const keys = new Set(addresses.map((address) => keyOf(destination, address)));
    const found = this.#idle.findLast((idle) => keys.has(idle.key));
    if (found === undefined) return undefined;
    this.#remove(found);
    return found.reader.idle ? found.reader : this.take(destination, addresses);
  }
  give(destination: Destination, reader: SocketReader): void {
    const { socket } = reader;
    const bytes = parseAddress(socket.remoteAddress ?? "");
    const address = bytes && formatAddress(bytes);
    if (this.#closed || address === undefined || this.#idle.length >= MAX_IDLE) {
      socket.destroy();
      return;
    }
    socket.setTimeout(0);
    const idle: Idle = {
      key: keyOf(destination, address),
      reader,
      timer: setTimeout(() => {
        this.#remove(idle);
        socket.destroy();
      }, IDLE_MS),
    };
    idle.timer.unref();
    socket.unref();
    this.#idle.push(idle);
  }
  #remove(idle: Idle): void {
    clearTimeout(idle.timer);
    idle.reader.socket.ref();
    this.#idle = this.#idle.filter((each) => each !== idle);
  }
  close(): void {
    this.#closed = true;
    for (const idle of this.#idle) {
      clearTimeout(idle.timer);
      idle.reader.socket.destroy();
    }
    this.#idle = [];
  }
}
