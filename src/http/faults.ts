/** What the listener itself refuses, before anybody else sees it. */
import type { Answer } from "../shared/http.ts";
import type { ParseError } from "./parser.ts";
import type { ReceivedRequest } from "./request.ts";

export const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
export const HEADERS_MAX = 200;

export interface Fault {
  status: number;
  title: string;
  detail: string;
}

const fault = (status: number, title: string, detail: string): Fault => ({ status, title, detail });

const VERSION = fault(505, "HTTP version not supported", "Speak HTTP/1.1");
const HEAD_TOO_LARGE = fault(
  431,
  "The request head is too large",
  `Send at most 16 KiB and ${HEADERS_MAX} header fields before the body`,
);
export const LATE = fault(
  408,
  "The request did not arrive",
  "Its bytes stopped coming before it was whole",
);
export const BODY_TOO_LARGE = fault(
  413,
  "The request body is too large",
  "It is over the largest body that this server takes",
);
export const UNREADABLE = fault(
  400,
  "The request is not valid HTTP",
  "The parser stopped within it",
);
export const INTERNAL = fault(
  500,
  "The request failed",
  "A fault of the server; its log says more",
);
const CODING = fault(
  400,
  "The transfer coding is not supported",
  "Send a body with Content-Length, or with 'Transfer-Encoding: chunked' and no other coding, which HTTP/1.0 has not",
);
const EXPECTATION = fault(
  417,
  "The expectation cannot be met",
  "The only Expect header that is understood is '100-continue'",
);

export function parseFault({ code, reason }: ParseError): Fault {
  if (code === "HPE_HEADER_OVERFLOW") return HEAD_TOO_LARGE;
  if (code === "HPE_INVALID_VERSION" || code === "HPE_PAUSED_H2_UPGRADE") return VERSION;
  if (code === "HPE_INVALID_METHOD")
    return fault(400, "The method is not known", "Begin the request with a method of RFC 9110");
  return fault(400, "The request is not valid HTTP", reason);
}

/** What is wrong with a request whose head was read, or null. */
export function headFault(request: ReceivedRequest, bodyBytesMax: number): Fault | null {
  const { headers, fieldCount, major } = request;
  if (major !== 1) return VERSION;
  if (fieldCount > HEADERS_MAX) return HEAD_TOO_LARGE;
  // Two servers may read a list of codings differently, and HTTP/1.0 knows none.
  const coding = headers.get("transfer-encoding");
  if (coding !== null && (coding.toLowerCase() !== "chunked" || request.isHttp10)) return CODING;
  if (Number(headers.get("content-length") ?? 0) > bodyBytesMax) return BODY_TOO_LARGE;
  const expected = headers.get("expect");
  return expected !== null && expected.toLowerCase() !== "100-continue" ? EXPECTATION : null;
}

export function faultAnswer({ status, title, detail }: Fault): Answer & { body: string } {
  return {
    status,
    headers: [
      ["content-type", "application/problem+json"],
      ["cache-control", "no-store"],
      ["x-picloud-error", "platform"],
    ],
    body: JSON.stringify({ type: "about:blank", title, status, detail }),
  };
}
