/** Where a request came from and for which host, forwarding headers of trusted proxies counted in. */
import { readForwarded, type ProxyTrust } from "./forwarded.ts";

export interface Origin {
  /** The Host header as it came, or the one a trusted proxy forwarded. */
  host: string;
  scheme: "http" | "https";
  readonly remoteAddr: { hostname: string; port: number };
  /** True when a trusted proxy sent the request: its forwarding headers are passed on. */
  isForwarded: boolean;
}

/** The part of Bun's server that is asked who is at the other end. */
export interface AddressSource {
  requestIP(request: Request): { address: string; port: number } | null;
}

const INSIDE = { hostname: "127.0.0.1", port: 0 };

/** A listener on `::` gives IPv4 clients as `::ffff:192.0.2.1`. */
const plainAddress = (address: string): string =>
  address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;

/** Straight from a client. Its address costs a system call, so it is asked for when somebody wants it. */
class DirectOrigin implements Origin {
  readonly host: string;
  readonly scheme = "http";
  readonly isForwarded = false;
  readonly #request: Request;
  readonly #server: AddressSource;
  #remoteAddr: Origin["remoteAddr"] | undefined;

  constructor(request: Request, server: AddressSource) {
    this.host = request.headers.get("host") ?? "";
    this.#request = request;
    this.#server = server;
  }

  /** To be read before the response has gone: then the server no longer knows. */
  get remoteAddr(): Origin["remoteAddr"] {
    if (this.#remoteAddr === undefined) {
      const peer = this.#server.requestIP(this.#request);
      this.#remoteAddr =
        peer === null ? INSIDE : { hostname: plainAddress(peer.address), port: peer.port };
    }
    return this.#remoteAddr;
  }
}

/** Without a server the request comes from a script, and its URL says the host. */
export function readOrigin(
  request: Request,
  server: AddressSource | null,
  trust: ProxyTrust,
): Origin {
  if (server === null) {
    const { host, protocol } = new URL(request.url);
    return {
      host,
      scheme: protocol === "https:" ? "https" : "http",
      remoteAddr: INSIDE,
      isForwarded: false,
    };
  }
  const direct = new DirectOrigin(request, server);
  if (trust.isEmpty || !trust.trusts(direct.remoteAddr.hostname)) return direct;
  const forwarded = readForwarded(request.headers, trust);
  return {
    host: forwarded.host ?? direct.host,
    scheme: forwarded.proto ?? "http",
    remoteAddr:
      forwarded.address === null ? direct.remoteAddr : { hostname: forwarded.address, port: 0 },
    isForwarded: true,
  };
}
