/** The WebSocket interface, for clients and for upgraded requests alike. */
import { bindHost, onHostEvent } from "../bridge.ts";
import { defineConstants, defineInterface, requireArguments } from "../events/idl.ts";
import type { Events } from "../events/part.ts";
import type { Files } from "../files/part.ts";
import { hasPart, usePart } from "../registry.ts";
import { readProtocols, toWebSocketUrl, utf8Length } from "./arguments.ts";

const events = usePart<Events>("events");
const { fire, domError } = events;

const openSocket = bindHost("socket.open") as (json: string) => number;
const sendData = bindHost("socket.send") as (id: number, data: string | Uint8Array) => void;
const bufferedBytes = bindHost("socket.buffered") as (id: number) => number;
const closeSocket = bindHost("socket.close") as (id: number, code: number, reason: string) => void;

const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
const NO_CODE = 1005;
const INTERNAL = Symbol("internal");

const open = new Map<number, WebSocket>();
let receive: (socket: WebSocket, kind: string, args: unknown[]) => void;

/** (id, "open", protocol), (id, "message", data), (id, "close", code, reason, clean). */
onHostEvent("socket", (id: number, kind: string, ...args: never[]) => {
  const socket = open.get(id);
  if (socket !== undefined) receive(socket, kind, args);
});

interface ServerSide {
  id: number;
  protocol: string;
  onClosed: () => void;
}

export class WebSocket extends events.EventTarget {
  #id: number;
  #url = "";
  #state = STATES.CONNECTING;
  #protocol = "";
  #binaryType = "blob";
  /** Bytes that were sent too late to go anywhere. */
  #unsent = 0;
  /** Bytes of this turn's messages: they count as waiting until it ends. */
  #fresh = 0;
  #onClosed: () => void = () => undefined;

  constructor(url: unknown, protocols: unknown = [], server?: ServerSide) {
    super();
    if (url === INTERNAL && server !== undefined) {
      this.#id = server.id;
      this.#protocol = server.protocol;
      this.#onClosed = server.onClosed;
      // As Deno has it, for upgraded requests alone.
      this.#binaryType = "arraybuffer";
    } else {
      requireArguments(arguments.length, 1, "WebSocket constructor");
      this.#url = toWebSocketUrl(url);
      const message = { url: this.#url, ...readProtocols(protocols) };
      this.#id = openSocket(JSON.stringify(message));
    }
    open.set(this.#id, this);
  }
  get url(): string {
    return this.#url;
  }
  get readyState(): number {
    return this.#state;
  }
  get bufferedAmount(): number {
    return this.#unsent + (this.#fresh || bufferedBytes(this.#id));
  }
  get extensions(): string {
    void this.#id;
    return "";
  }
  get protocol(): string {
    return this.#protocol;
  }
  get binaryType(): string {
    return this.#binaryType;
  }
  set binaryType(value: unknown) {
    void this.#id;
    const text = `${value as string}`;
    if (text === "blob" || text === "arraybuffer") this.#binaryType = text;
  }
  send(data: unknown): void {
    void this.#id;
    requireArguments(arguments.length, 1, "WebSocket.send");
    if (this.#state === STATES.CONNECTING)
      throw domError("InvalidStateError", "The WebSocket is not open yet");
    const message = toMessage(data);
    const bytes = typeof message === "string" ? utf8Length(message) : message.length;
    if (this.#state !== STATES.OPEN) {
      this.#unsent += bytes;
      return;
    }
    sendData(this.#id, message);
    if (this.#fresh === 0) void Promise.resolve().then(() => (this.#fresh = 0));
    this.#fresh += bytes;
  }
  close(code: unknown = undefined, reason: unknown = undefined): void {
    void this.#id;
    // WebIDL [Clamp] unsigned short.
    const number =
      code === undefined ? NO_CODE : Math.min(Math.max(Math.round(Number(code)) || 0, 0), 65_535);
    if (code !== undefined && !this.#mayClose(number)) {
      throw domError("InvalidAccessError", "The close code must be 1000 or between 3000 and 4999");
    }
    const text = reason === undefined ? "" : `${reason as string}`.toWellFormed();
    if (utf8Length(text) > 123)
      throw domError("SyntaxError", "The close reason is longer than 123 bytes");
    if (this.#state >= STATES.CLOSING) return;
    this.#state = STATES.CLOSING;
    closeSocket(this.#id, text !== "" && number === NO_CODE ? 1000 : number, text);
  }

  /** A server may say why it ends in the protocol's own codes too, save those that never go over the wire. */
  #mayClose(code: number): boolean {
    if (code === 1000 || (code >= 3000 && code <= 4999)) return true;
    return this.#id < 0 && code > 1000 && code < 1015 && !(code >= 1004 && code <= 1006);
  }

  #receive(kind: string, args: unknown[]): void {
    if (kind === "open") {
      if (this.#state !== STATES.CONNECTING) return;
      this.#state = STATES.OPEN;
      if (this.#protocol === "") this.#protocol = args[0] as string;
      fire(this, new events.Event("open"));
    } else if (kind === "message") {
      if (this.#state !== STATES.OPEN) return;
      const data = this.#incoming(args[0] as string | Uint8Array);
      const origin = this.#url.split("/", 3).join("/");
      fire(this, new events.MessageEvent("message", { data, origin }));
    } else this.#closed(args as [number, string, boolean]);
  }
  #incoming(data: string | Uint8Array): unknown {
    if (typeof data === "string") return data;
    if (this.#binaryType === "blob") return new (usePart<Files>("files").Blob)([data]);
    const { buffer, byteLength } = data;
    return buffer.byteLength === byteLength ? buffer : data.slice().buffer;
  }
  #closed([code, reason, wasClean]: [number, string, boolean]): void {
    if (this.#state === STATES.CLOSED) return;
    this.#state = STATES.CLOSED;
    open.delete(this.#id);
    if (!wasClean) fire(this, new events.ErrorEvent("error", { message: reason }));
    fire(this, new events.CloseEvent("close", { code, reason: wasClean ? reason : "", wasClean }));
    this.#onClosed();
  }
  static {
    receive = (socket, kind, args) => socket.#receive(kind, args);
  }
}
defineInterface(WebSocket, "WebSocket", 1);
defineConstants(WebSocket, STATES);
events.defineHandlers(WebSocket, "open", "message", "error", "close");

function toMessage(data: unknown): string | Uint8Array {
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (hasPart("files") && usePart<Files>("files").isBlob(data))
    return usePart<Files>("files").blobBytes(data);
  return `${data as string}`.toWellFormed();
}

/** For a request that was answered with something else than the upgrade's response. */
export const dropSocket = (socket: WebSocket): void =>
  receive(socket, "close", [1006, "The upgrade's response was not returned", false]);

/** The script's end of an upgraded request. It opens with the host's "open" event, once the response is out. */
export const serverSocket = (server: ServerSide): WebSocket => new WebSocket(INTERNAL, [], server);
