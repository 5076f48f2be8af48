/** A script's answer as an HTTP response, under the header rules of a shared listener. */
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

export interface ResponseContext {
  requestId: string;
  isHead: boolean;
  /** The answer is to be sandboxed: the host also serves the control plane, or the path is under execute. */
  isShared: boolean;
}

/** Throws TypeError or RangeError for a status or a header that HTTP does not allow. */
export function toResponse(
  response: ExecResponse,
  context: ResponseContext,
): { response: Response; sent: HeaderList } {
  if (!(response.status >= 200 && response.status <= 599)) {
    throw new RangeError(`Cannot answer with status ${response.status}: it is not 200-599`);
  }
  const sent = responseHeaders(response.headers, context);
  const hasType = sent.some(([name]) => name === "content-type");
  const length = response.headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  const hasNoBody = response.status === 204 || response.status === 205 || response.status === 304;
  if (context.isHead) return { response: headResponse(response, sent, length), sent };
  const body = hasNoBody ? null : untyped(response.body, hasType);
  return { response: new Response(body, { status: response.status, headers: sent }), sent };
}

export function responseHeaders(headers: HeaderList, context: ResponseContext): HeaderList {
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

type Body = ExecResponse["body"];

/** Bun gives a body of text or bytes without a type one of its own; a stream stays without. */
function untyped(
  body: Body,
  hasType: boolean,
): Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array> | null {
  if (body === null || body instanceof ReadableStream) return body;
  if (hasType) return typeof body === "string" ? body : ownBytes(body);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return bytes.byteLength === 0 ? null : streamOf(bytes);
}

/** Bodies are never backed by shared memory: the executor copies them out. */
const ownBytes = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

function headResponse(
  response: ExecResponse,
  headers: HeaderList,
  length: string | undefined,
): Response {
  const { body, status } = response;
  if (body instanceof ReadableStream) void body.cancel().catch(() => undefined);
  const known = body === null || body instanceof ReadableStream ? length : String(byteLength(body));
  if (known !== undefined && /^\d{1,15}$/.test(known))
    return new Response(null, { status, headers: [...headers, ["content-length", known]] });
  // Without a body Bun would say that its length is 0; of a stream it reads nothing for HEAD.
  return new Response(body === null ? null : new ReadableStream(), { status, headers });
}

const byteLength = (body: string | Uint8Array): number =>
  typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
