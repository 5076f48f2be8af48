/** Server-sent events of the HTML standard, over fetch. */
import { defineConstants, defineInterface, requireArguments, toDictionary } from "../events/idl.ts";
import type { Events } from "../events/part.ts";
import { usePart } from "../registry.ts";

const events = usePart<Events>("events");
const STATES = { CONNECTING: 0, OPEN: 1, CLOSED: 2 };
const { setTimeout } = globalThis as unknown as {
  setTimeout(run: () => void, ms: number): unknown;
};

interface Incoming {
  status: number;
  url: string;
  headers: { get(name: string): string | null };
  body: object | null;
}
type Fetch = (url: string, init: object) => Promise<Incoming>;

/** Lines to messages. */
class Parser {
  data = "";
  type = "";
  id = "";
  lastId = "";
  retry: number | undefined;
  #rest = "";
  #skipLineFeed = false;
  readonly #dispatch: (type: string, data: string) => void;
  constructor(dispatch: (type: string, data: string) => void) {
    this.#dispatch = dispatch;
  }
  push(text: string): void {
    let input = this.#rest + text;
    if (this.#skipLineFeed && input.startsWith("\n")) input = input.slice(1);
    this.#skipLineFeed = input.endsWith("\r");
    const lines = input.split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }
  #line(line: string): void {
    if (line === "") {
      this.lastId = this.id;
      const { data, type } = this;
      this.data = "";
      this.type = "";
      if (data !== "") this.#dispatch(type === "" ? "message" : type, data.slice(0, -1));
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.type = value;
    else if (field === "data") this.data += `${value}\n`;
    else if (field === "id" && !value.includes("\0")) this.id = value;
    else if (field === "retry" && /^\d+$/.test(value)) this.retry = Number(value);
  }
}

/** UTF-8, a character for each byte, as header values are. */
function asBytes(text: string): string {
  const { TextEncoder } = usePart<{
    TextEncoder: new () => { encode(text: string): Uint8Array };
  }>("encoding");
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

export class EventSource extends events.EventTarget {
  #url: string;
  #withCredentials: boolean;
  #state = STATES.CONNECTING;
  #abort = new events.AbortController();
  #retry = 3_000;
  #lastId = "";

  constructor(url: unknown, init: unknown = undefined) {
    super();
    requireArguments(arguments.length, 1, "EventSource constructor");
    const text = `${url as string}`;
    this.#withCredentials = Boolean(toDictionary(init, "The init")["withCredentials"]);
    const href = usePart<{ parseHref(input: string): string | null }>("url").parseHref(text);
    if (href === null) throw events.domError("SyntaxError", `The URL '${text}' is not valid`);
    this.#url = href;
    void this.#connect();
  }
  get url(): string {
    return this.#url;
  }
  get withCredentials(): boolean {
    return this.#withCredentials;
  }
  get readyState(): number {
    return this.#state;
  }
  close(): void {
    this.#state = STATES.CLOSED;
    this.#abort.abort();
  }

  async #connect(): Promise<void> {
    const headers: Record<string, string> = {
      accept: "text/event-stream",
      "cache-control": "no-store",
    };
    if (this.#lastId !== "") headers["last-event-id"] = asBytes(this.#lastId);
    try {
      const { fetch } = usePart<{ fetch: Fetch }>("fetch");
      const response = await fetch(this.#url, { headers, signal: this.#abort.signal });
      const type = response.headers.get("content-type") ?? "";
      if (response.status !== 200 || !/^text\/event-stream\s*(?:;|$)/i.test(type)) {
        this.#fail();
        return;
      }
      if (this.#state === STATES.CLOSED) return;
      this.#state = STATES.OPEN;
      events.fire(this, new events.Event("open"));
      if (response.body !== null) await this.#read(response);
    } catch {
      // What broke the connection is not told; the error event says that it broke.
    }
    this.#reconnect();
  }
  async #read(response: Incoming): Promise<void> {
    const { pump } = usePart<{ pump(stream: object): { read(): Promise<unknown> } }>("streams");
    const { TextDecoder } = usePart<{
      TextDecoder: new () => { decode(bytes: unknown, options: object): string };
    }>("encoding");
    const decoder = new TextDecoder();
    const origin = new URL(response.url).origin;
    const parser = new Parser((type, data) => {
      const init = { data, origin, lastEventId: parser.lastId };
      if (this.#state === STATES.OPEN) events.fire(this, new events.MessageEvent(type, init));
    });
    parser.id = this.#lastId;
    const source = pump(response.body as object);
    for (let chunk = await source.read(); chunk !== null; chunk = await source.read()) {
      parser.push(decoder.decode(chunk, { stream: true }));
      this.#lastId = parser.lastId;
      this.#retry = parser.retry ?? this.#retry;
    }
  }
  #reconnect(): void {
    if (this.#state === STATES.CLOSED) return;
    this.#state = STATES.CONNECTING;
    events.fire(this, new events.Event("error"));
    setTimeout(() => {
      if (this.#state === STATES.CONNECTING) void this.#connect();
    }, this.#retry);
  }
  #fail(): void {
    if (this.#state === STATES.CLOSED) return;
    this.#state = STATES.CLOSED;
    this.#abort.abort();
    events.fire(this, new events.Event("error"));
  }
}
declare const URL: new (url: string) => { origin: string };
defineInterface(EventSource, "EventSource", 1);
defineConstants(EventSource, STATES);
events.defineHandlers(EventSource, "open", "message", "error");
