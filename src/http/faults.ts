/** What the listener itself refuses, before anybody else sees it. */
import type { Answer } from "../shared/http.ts";
import { newId } from "../shared/ids.ts";
import { answerOf, type AnsweredProblem } from "../shared/problem-answer.ts";
import type { ParseError } from "./parser.ts";
import type { ReceivedRequest } from "./request.ts";

export const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
export const HEADERS_MAX = 200;

export type Fault = Omit<AnsweredProblem, "side">;

const fault = (code: string, status: number, title: string, detail: string): Fault => ({
  code,
  status,
  title,
  detail,
});

const invalid = (detail: string, title = "The request is not valid HTTP"): Fault =>
  fault("invalid_request", 400, title, detail);

const VERSION = fault("version_not_supported", 505, "HTTP version not supported", "Speak HTTP/1.1");
const HEAD_TOO_LARGE = fault(
  "head_too_large",
  431,
  "The request head is too large",
  `Send at most 16 KiB and ${HEADERS_MAX} header fields before the body`,
);
export const LATE = fault(
  "request_timeout",
  408,
  "The request did not arrive",
  "Its bytes stopped coming before it was whole",
);
export const BODY_TOO_LARGE = fault(
  "body_too_large",
  413,
  "The request body is too large",
  "It is over the largest body that this server takes",
);
export const UNREADABLE = invalid("The parser stopped within it");
export const INTERNAL = fault(
  "internal",
  500,
  "The request failed",
  "A fault of the server; its log says more",
);
const CODING = invalid(
  "Send a body with Content-Length, or with 'Transfer-Encoding: chunked' and no other coding, which HTTP/1.0 has not",
  "The transfer coding is not supported",
);
const EXPECTATION = fault(
  "expectation_failed",
  417,
  "The expectation cannot be met",
  "The only Expect header that is understood is '100-continue'",
);

export function parseFault({ code, reason }: ParseError): Fault {
  if (code === "HPE_HEADER_OVERFLOW") return HEAD_TOO_LARGE;
  if (code === "HPE_INVALID_VERSION" || code === "HPE_PAUSED_H2_UPGRADE") return VERSION;
  if (code === "HPE_INVALID_METHOD")
    return invalid("Begin the request with a method of RFC 9110", "The method is not known");
  return invalid(reason);
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

export const faultAnswer = (fault: Fault): Answer & { body: string } =>
  answerOf({ ...fault, side: "platform" }, newId());
