/** HTTP as bytes over a socket. */
import { connect } from "node:net";

export interface RawAnswer {
  received: string;
  closed: boolean;
}

export interface RawOptions {
  port: number;
  bytes: string | Uint8Array;
  /** The answer is complete; without it, when the peer closes. */
  until?: (received: string) => boolean;
  /** Where the connection comes from; all of 127.0.0.0/8 is this machine. */
  from?: string;
  timeoutMs?: number;
  /** Sent over the same connection when the first answer is complete; `until` then holds for what comes after. */
  next?: string;
}

/** Sends the bytes as they are (strings as latin1); resolves with all that came. */
export function rawRequest({
  port,
  bytes,
  until = () => false,
  from = "127.0.0.1",
  timeoutMs = 8_000,
  next,
}: RawOptions): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const socket = connect({ host: "127.0.0.1", port, localAddress: from });
  let received = "";
  let followUp = next;
  let answered = 0;
  const end = (closed: boolean) => {
    clearTimeout(timer);
    socket.destroy();
    resolve({ received, closed });
  };
  const timer = setTimeout(() => end(false), timeoutMs);
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
    if (!until(received.slice(answered))) return;
    if (followUp === undefined) return end(false);
    answered = received.length;
    socket.write(followUp);
    followUp = undefined;
  });
  socket.on("close", () => end(true));
  socket.on("error", (error) => (received === "" ? reject(error) : end(true)));
  socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  return promise;
}

export const statusOf = ({ received }: RawAnswer): number =>
  Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0);
