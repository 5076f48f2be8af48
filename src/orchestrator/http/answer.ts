/** A script's answer as it goes out, under the header rules of a shared listener. */
import { checkAnswer, type Answer } from "../../shared/http.ts";
import type { ExecResponse, HeaderList } from "../../shared/execution.ts";
import { setsSessionCookie } from "./credentials.ts";

/** Connection matters are the listener's, and the two names below are the platform's to say. */
const NEVER = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "trailer",
  "te",
  "content-length",
  "x-picloud-error",
  "x-request-id",
]);

/** What a script may not set on a host that also serves the control plane: it would hold for the platform too. */
const NOT_ON_SHARED_HOST = new Set([
  "service-worker-allowed",
  "clear-site-data",
  "strict-transport-security",
  "alt-svc",
]);

const SANDBOX = "sandbox allow-scripts allow-forms";

export interface AnswerContext {
  requestId: string;
  isHead: boolean;
  /** The answer is to be sandboxed: the host also serves the control plane, or the path is under execute. */
  isShared: boolean;
}

/** @throws TypeError or RangeError for a status or a header that HTTP does not allow */
export function toAnswer(response: ExecResponse, context: AnswerContext): Answer {
  const { status, body } = response;
  const headers = responseHeaders(response.headers, context);
  checkAnswer({ status, headers });
  if (context.isHead) return { status, headers: withLength(response, headers), body };
  return { status, headers, body: status === 205 ? "" : body };
}

/** What GET would say of a body that nobody has counted, the script knows best. */
function withLength({ headers, body }: ExecResponse, sent: HeaderList): HeaderList {
  if (body !== null && !(body instanceof ReadableStream)) return sent;
  const length = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  return length !== undefined && /^\d{1,15}$/.test(length)
    ? [...sent, ["content-length", length]]
    : sent;
}

export function responseHeaders(headers: HeaderList, context: AnswerContext): HeaderList {
  const sent: HeaderList = [];
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (NEVER.has(name)) continue;
    if (name === "set-cookie" && setsSessionCookie(value)) continue;
    if (context.isShared && NOT_ON_SHARED_HOST.has(name)) continue;
    sent.push([name, value]);
  }
  if (context.isShared) {
    // Beside a policy of the script's own: browsers enforce each of several.
    sent.push(["content-security-policy", SANDBOX]);
    setHeader(sent, "x-content-type-options", "nosniff");
  }
  sent.push(["x-request-id", context.requestId]);
  return sent;
}

function setHeader(headers: HeaderList, name: string, value: string): void {
  const existing = headers.find((header) => header[0] === name);
  if (existing === undefined) headers.push([name, value]);
  else existing[1] = value;
}

/** For a script's fetch. Bun would give a body of text a type of its own, but not bytes. */
export function asResponse({ status, headers, body }: Answer): Response {
  const hasNoBody = status === 204 || status === 205 || status === 304;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return new Response(
    hasNoBody ? null : (bytes as Uint8Array<ArrayBuffer> | ReadableStream | null),
    {
      status,
      headers,
    },
  );
}
