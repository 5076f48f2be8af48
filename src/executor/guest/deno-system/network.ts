/** Deno.resolveDns, connect and connectTls, by the app's egress policy. */
import { bindHostAsync } from "../bridge.ts";
import { denoError } from "./errors.ts";

const resolve = bindHostAsync("dns.resolve");
const open = bindHostAsync("tcp.open");
const read = bindHostAsync("tcp.read");
const write = bindHostAsync("tcp.write");
const close = bindHostAsync("tcp.close");

/** Host errors carry the name of Deno's class as their code. */
async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    throw typeof code === "string" && code !== "" ? denoError(code, message) : error;
  }
}

export async function resolveDns(name: string, type = "A"): Promise<unknown> {
  if (typeof name !== "string") throw new TypeError("Expected a host name");
  return JSON.parse((await named(resolve(name, String(type)))) as string);
}

interface Address {
  transport: "tcp";
  hostname: string;
  port: number;
}

class Connection {
  readonly remoteAddr: Address;
  readonly localAddr: Address = { transport: "tcp", hostname: "0.0.0.0", port: 0 };
  readonly #id: string;
  #readable: object | undefined;
  #writable: object | undefined;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(id: string, remoteAddr: Address) {
    this.#id = id;
    this.remoteAddr = remoteAddr;
  }

  /** Null at the end of the stream. */
  async read(into: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) {
      const chunk = await named(read(this.#id));
      if (chunk === null || chunk === undefined) return null;
      this.#rest = chunk as Uint8Array;
    }
    const count = Math.min(into.length, this.#rest.length);
    into.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await named(write(this.#id, bytes));
    return bytes.length;
  }

  close(): void {
    close(this.#id, false).catch(() => undefined);
  }

  async closeWrite(): Promise<void> {
    await named(close(this.#id, true));
  }

  ref(): void {}
  unref(): void {}
  setNoDelay(): void {}
  setKeepAlive(): void {}
  async handshake(): Promise<object> {
    return { alpnProtocol: null };
  }

  get readable(): object {
    const { ReadableStream } = globalThis as unknown as {
      ReadableStream: new (source: object) => object;
    };
    return (this.#readable ??= new ReadableStream({
      pull: async (controller: { enqueue(chunk: Uint8Array): void; close(): void }) => {
        const chunk = new Uint8Array(16_384);
        const count = await this.read(chunk);
        if (count === null) controller.close();
        else controller.enqueue(chunk.subarray(0, count));
      },
      cancel: () => this.close(),
    }));
  }

  get writable(): object {
    const { WritableStream } = globalThis as unknown as {
      WritableStream: new (sink: object) => object;
    };
    return (this.#writable ??= new WritableStream({
      write: (chunk: Uint8Array) => this.write(chunk),
      close: () => this.closeWrite(),
      abort: () => this.close(),
    }));
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

interface ConnectOptions {
  hostname?: string;
  port: number;
  transport?: string;
}

async function connectBy(options: ConnectOptions, tls: boolean): Promise<Connection> {
  const { hostname = "127.0.0.1", port, transport = "tcp" } = options;
  if (transport !== "tcp")
    throw denoError(
      "NotSupported",
      `Deno.connect with transport "${transport}" is not available in PiCloud: use tcp`,
    );
  const id = (await named(open(hostname, port, tls))) as string;
  return new Connection(id, { transport: "tcp", hostname, port });
}

export const connect = (options: ConnectOptions): Promise<Connection> => connectBy(options, false);
export const connectTls = (options: ConnectOptions): Promise<Connection> =>
  connectBy(options, true);
