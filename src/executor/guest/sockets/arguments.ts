/** What the WebSocket constructor takes. */
import type { Events } from "../events/part.ts";
import { usePart } from "../registry.ts";

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;

const syntaxError = (message: string): unknown =>
  usePart<Events>("events").domError("SyntaxError", message);

/** Absolute ws: or wss: URL. Throws SyntaxError. */
export function toWebSocketUrl(value: unknown): string {
  const text = `${value as string}`.toWellFormed();
  const href = usePart<{ parseHref(input: string): string | null }>("url").parseHref(text);
  if (href === null) throw syntaxError(`The WebSocket URL '${text}' is not valid`);
  const url = href.replace(/^http(s?):/, "ws$1:");
  if (!/^wss?:/.test(url))
    throw syntaxError("A WebSocket URL needs one of the schemes ws, wss, http and https");
  if (url.includes("#")) throw syntaxError("A WebSocket URL cannot have a fragment");
  return url;
}

interface Protocols {
  protocols: string[];
  /** Flat names and values, an extension that Deno has too. */
  headers: string[];
}

export function readProtocols(value: unknown): Protocols {
  let list: unknown = value;
  let headers: string[] = [];
  if (typeof value === "object" && value !== null && !(Symbol.iterator in value)) {
    const options = value as { protocols?: unknown; headers?: object };
    list = options.protocols ?? [];
    headers = readHeaders(options.headers);
  }
  const protocols =
    typeof list === "string"
      ? [list]
      : [...(list as Iterable<unknown>)].map((item) => `${item as string}`);
  const seen = new Set<string>();
  for (const protocol of protocols) {
    const key = protocol.toLowerCase();
    if (!TOKEN.test(protocol) || seen.has(key))
      throw syntaxError(`The WebSocket protocol '${protocol}' is not valid or there twice`);
    seen.add(key);
  }
  return { protocols, headers };
}

const OWN =
  /^(?:host|connection|upgrade|content-length|transfer-encoding|user-agent|sec-websocket-.*)$/;

function readHeaders(init: object | undefined): string[] {
  if (init === undefined) return [];
  const { Headers } = globalThis as unknown as {
    Headers: new (init: object) => Iterable<[string, string]>;
  };
  return [...new Headers(init)].filter(([name]) => !OWN.test(name)).flat();
}

export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}
