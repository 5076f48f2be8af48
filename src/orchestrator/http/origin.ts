/** Where a request came from and for which host, forwarding headers of trusted proxies counted in. */
import type { ClientRequest, PeerAddress } from "../../shared/http.ts";
import { readForwarded, type ProxyTrust } from "./forwarded.ts";

export interface Origin {
  /** The Host header as it came, or the one a trusted proxy forwarded. */
  host: string;
  scheme: "http" | "https";
  readonly remoteAddr: PeerAddress;
  /** True when a trusted proxy sent the request: its forwarding headers are passed on. */
  isForwarded: boolean;
}

export const INSIDE: PeerAddress = { hostname: "127.0.0.1", port: 0 };

/** Straight from a client. Its address costs a system call, so it is asked for when somebody wants it. */
class DirectOrigin implements Origin {
  readonly host: string;
  readonly scheme = "http";
  readonly isForwarded = false;
  readonly #request: ClientRequest;

  constructor(request: ClientRequest) {
    this.host = request.headers.get("host") ?? "";
    this.#request = request;
  }

  get remoteAddr(): PeerAddress {
    return this.#request.remoteAddr;
  }
}

export function readOrigin(request: ClientRequest, trust: ProxyTrust): Origin {
  const direct = new DirectOrigin(request);
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

const PORT = "(?::(?!80$|443$)[1-9]\\d{0,4})?";
const NAME = "(?:[a-z0-9_-]+\\.)*[a-z_][a-z0-9_-]*";
const BYTE = "(?:0|[1-9]\\d{0,2})";
/** Hosts that the URL standard leaves as they are, whatever the scheme. */
const NORMAL = new RegExp(`^(?:${NAME}|${BYTE}(?:\\.${BYTE}){3})${PORT}$`);

/** Scheme and host as the URL standard writes them: lower-case, without the scheme's own port. */
export function originText({ scheme, host }: Origin): string {
  const text = `${scheme}://${host}`;
  if (NORMAL.test(host)) return text;
  return URL.parse(text)?.origin ?? text;
}

/** A script's fetch: its URL says the host. */
export function internalOrigin(url: string): Origin {
  const { host, protocol } = new URL(url);
  return {
    host,
    scheme: protocol === "https:" ? "https" : "http",
    remoteAddr: INSIDE,
    isForwarded: false,
  };
}
