/** A WebSocket connection of a script, from the handshake to the close. */
import { createHash, randomBytes } from "node:crypto";
import { HostError } from "../../host-function.ts";
import { allowedAddresses, openAny, type Destination } from "../connect.ts";
import { formatHead, listOf, readHead, valuesOf, type FlatHeaders } from "../http1/head.ts";
import { SocketReader } from "../http1/socket-reader.ts";
import type { EgressPolicy } from "../policy.ts";
import type { EgressPorts } from "../ports.ts";
import {
  closePayload,
  encodeFrame,
  FrameReader,
  MessageAssembler,
  OPCODE,
  ProtocolError,
} from "./frames.ts";
import { USER_AGENT } from "../user-agent.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** How long the other side may take to answer a close. */
const CLOSE_MS = 5_000;

export interface WebSocketEvents {
  open(protocol: string): void;
  message(data: string | Uint8Array): void;
  /** The last one. `clean` says whether both sides said goodbye. */
  close(code: number, reason: string, clean: boolean): void;
}

export interface WebSocketTarget {
  destination: Destination;
  /** The URL's host with its port. */
  authority: string;
  target: string;
  protocols: readonly string[];
  headers: FlatHeaders;
}

async function handshake(reader: SocketReader, target: WebSocketTarget): Promise<string> {
  const key = randomBytes(16).toString("base64");
  const headers: FlatHeaders = [
    "host",
    target.authority,
    "upgrade",
    "websocket",
    "connection",
    "Upgrade",
    "sec-websocket-key",
    key,
    "sec-websocket-version",
    "13",
  ];
  if (target.protocols.length > 0)
    headers.push("sec-websocket-protocol", target.protocols.join(", "));
  headers.push("user-agent", USER_AGENT, ...target.headers);
  reader.socket.write(formatHead("GET", target.target, headers));
  const head = await readHead(reader);
  const refuse = (why: string): HostError =>
    new HostError("NetworkError", `The WebSocket handshake failed: ${why}`);
  if (head === null) throw refuse("the connection ended");
  if (head.status !== 101) throw refuse(`the server answered ${head.status}`);
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  const [answer] = valuesOf(head.headers, "sec-websocket-accept");
  if (answer !== accept || !listOf(head.headers, "upgrade").includes("websocket"))
    throw refuse("the server does not speak WebSocket");
  if (valuesOf(head.headers, "sec-websocket-extensions").length > 0)
    throw refuse("the server uses an extension");
  const [protocol = ""] = valuesOf(head.headers, "sec-websocket-protocol");
  if (protocol !== "" && !target.protocols.includes(protocol))
    throw refuse("the server chose an unknown protocol");
  return protocol;
}

export class WebSocketConnection {
  readonly #events: WebSocketEvents;
  readonly #maxMessage: number;
  #reader: SocketReader | undefined;
  #closing: { code: number; reason: string } | undefined;
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: WebSocketEvents, maxMessage: number) {
    this.#events = events;
    this.#maxMessage = maxMessage;
  }

  /** Runs until the connection has ended; never rejects. */
  async run(
    ports: EgressPorts,
    policy: () => Promise<EgressPolicy>,
    target: WebSocketTarget,
  ): Promise<void> {
    try {
      const addresses = await allowedAddresses(ports, await policy(), target.destination.host);
      const reader = new SocketReader(await openAny(ports, target.destination, addresses));
      if (this.#ended) {
        reader.socket.destroy();
        return;
      }
      this.#reader = reader;
      const protocol = await handshake(reader, target);
      if (this.#closing !== undefined)
        throw new HostError("NetworkError", "Closed before it was open");
      this.#events.open(protocol);
      await this.#pump(reader);
    } catch (error) {
      if (error instanceof ProtocolError) this.#write(OPCODE.close, closePayload(error.code, ""));
      const shown = error instanceof HostError || error instanceof ProtocolError;
      this.#end(1006, shown ? error.message : "", false);
    }
  }

  async #pump(reader: SocketReader): Promise<void> {
    const frames = new FrameReader(this.#maxMessage);
    const messages = new MessageAssembler(this.#maxMessage);
    for (let chunk = await reader.read(); chunk !== null; chunk = await reader.read()) {
      for (const frame of frames.push(chunk)) {
        const incoming = messages.accept(frame);
        if (incoming?.kind === "message") {
          if (this.#closing === undefined) this.#events.message(incoming.data);
        } else if (incoming?.kind === "ping") this.#write(OPCODE.pong, incoming.payload);
        else if (incoming?.kind === "close") {
          const { code, reason } = incoming;
          if (this.#closing === undefined) this.#write(OPCODE.close, closePayload(code, reason));
          this.#end(code, reason, true);
          return;
        }
      }
    }
    this.#end(1006, "", false);
  }

  #write(opcode: number, payload: Uint8Array): void {
    const socket = this.#reader?.socket;
    if (socket !== undefined && socket.writable)
      socket.write(encodeFrame(opcode, payload, randomBytes(4)));
  }
  send(data: string | Uint8Array): void {
    if (this.#closing !== undefined || this.#ended) return;
    if (typeof data === "string") this.#write(OPCODE.text, Buffer.from(data));
    else this.#write(OPCODE.binary, data);
  }
  /** Bytes that the network has not taken yet. */
  get buffered(): number {
    return this.#reader?.socket.writableLength ?? 0;
  }
  close(code: number, reason: string): void {
    if (this.#closing !== undefined || this.#ended) return;
    this.#closing = { code, reason };
    if (this.#reader === undefined) {
      this.#end(1006, "", false);
      return;
    }
    this.#write(OPCODE.close, closePayload(code, reason));
    this.#timer = setTimeout(() => this.#end(1006, "", false), CLOSE_MS);
  }
  #end(code: number, reason: string, clean: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#reader?.socket.end();
    this.#reader?.socket.destroySoon();
    this.#events.close(code, reason, clean);
  }
  /** Ends without a word: the sandbox is gone. */
  destroy(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#reader?.socket.destroy();
  }
}
