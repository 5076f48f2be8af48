/** cloudflare:sockets, which packages take where they find an edge runtime: a connection as a pair of web streams. */
import { bindHostAsync } from "../bridge.ts";

const openSocket = bindHostAsync("tcp.open");
const readSocket = bindHostAsync("tcp.read");
const writeSocket = bindHostAsync("tcp.write");
const closeSocket = bindHostAsync("tcp.close");
const startTls = bindHostAsync("tcp.startTls");

interface Address {
  hostname: string;
  port: number;
}
interface Options {
  secureTransport?: "off" | "on" | "starttls";
}
interface Controller {
  enqueue(chunk: Uint8Array): void;
  close(): void;
}
interface EdgeSocket {
  readable: object;
  writable: object;
  opened: Promise<object>;
  closed: Promise<void>;
  close(): Promise<void>;
  startTls(): EdgeSocket;
}
const web = globalThis as unknown as {
  ReadableStream: new (source: object, strategy?: object) => object;
  WritableStream: new (sink: object) => object;
  URL: new (url: string) => { hostname: string; port: string };
};

function over(id: Promise<string>, address: Address): EdgeSocket {
  const closed = Promise.withResolvers<void>();
  let handedOver = false;
  const close = async (): Promise<void> => {
    if (!handedOver) await closeSocket(await id, false);
    closed.resolve();
  };
  const opened = id.then(() => ({
    remoteAddress: `${address.hostname}:${address.port}`,
    localAddress: "0.0.0.0:0",
  }));
  opened.catch(() => undefined);
  closed.promise.catch(() => undefined);
  id.catch((error: unknown) => closed.reject(error));
  return {
    opened,
    closed: closed.promise,
    close,
    readable: new web.ReadableStream(
      {
        async pull(controller: Controller) {
          const chunk = await readSocket(await id);
          if (chunk instanceof Uint8Array) return controller.enqueue(chunk);
          controller.close();
          closed.resolve();
        },
        cancel: close,
      },
      { highWaterMark: 0 },
    ),
    writable: new web.WritableStream({
      write: async (chunk: Uint8Array) => void (await writeSocket(await id, chunk)),
      close: async () => void (await closeSocket(await id, true)),
      abort: close,
    }),
    startTls() {
      handedOver = true;
      const secured = id.then(async (open) => {
        await startTls(open, address.hostname);
        return open;
      });
      return over(secured, address);
    },
  };
}

export function connectEdge(target: string | Address, options: Options = {}): EdgeSocket {
  const url = typeof target === "string" ? new web.URL(`tcp://${target}`) : null;
  const address =
    url === null ? (target as Address) : { hostname: url.hostname, port: Number(url.port) };
  const id = openSocket(
    address.hostname,
    Number(address.port),
    options.secureTransport === "on",
  ) as Promise<string>;
  return over(id, address);
}
