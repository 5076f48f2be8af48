/** Request bodies: refused early by their length, read at once when small, counted while they stream. */

import type { ClientRequest } from "../../shared/http.ts";

/** Bodies up to this are read before the script starts: one message to the executor is cheaper than a stream. */
const READ_AT_ONCE_BYTES = 64 * 1024;

export type RequestBody =
  | { kind: "none" }
  | { kind: "small"; bytes: Promise<Uint8Array> }
  | { kind: "stream"; stream: ReadableStream<Uint8Array>; isTooLarge: () => boolean }
  | { kind: "too_large" };

/** `isInternal`: the request was made by a script, and has a body without the headers that announce one. */
export function readBody(
  request: ClientRequest,
  bytesMax: number,
  isInternal = false,
): RequestBody {
  // Such a request has no body in the fetch standard, whatever was sent with it.
  if (request.method === "GET" || request.method === "HEAD") return { kind: "none" };
  const header = request.headers.get("content-length");
  if (header === null || isInternal) {
    if (!isInternal && !request.headers.has("transfer-encoding")) return { kind: "none" };
    return request.body === null ? { kind: "none" } : countedStream(request.body, bytesMax);
  }
  // A repeated header with one value arrives joined ("3, 3").
  const length = Number.parseInt(header, 10);
  if (length > bytesMax) return { kind: "too_large" };
  if (length === 0) return { kind: "none" };
  if (length <= READ_AT_ONCE_BYTES) return { kind: "small", bytes: request.bytes() };
  const stream = request.body;
  return stream === null ? { kind: "none" } : { kind: "stream", stream, isTooLarge: () => false };
}

/** Passes chunks on as they are asked for, and fails when they pass the limit. */
function countedStream(source: ReadableStream<Uint8Array>, bytesMax: number): RequestBody {
  const reader = source.getReader();
  let received = 0;
  let tooLarge = false;
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        received += value.byteLength;
        if (received <= bytesMax) return controller.enqueue(value);
        tooLarge = true;
        controller.error(new RangeError(`The request body is over the limit of ${bytesMax} bytes`));
        await reader.cancel();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { kind: "stream", stream, isTooLarge: () => tooLarge };
}

/** How long a small body may take to arrive, in milliseconds. */
const SMALL_BODY_WAIT_MS = 30_000;

/** Rejects when the client went away or did not send all in time. */
export async function withinTime(bytes: Promise<Uint8Array>): Promise<Uint8Array> {
  const { promise, reject } = Promise.withResolvers<Uint8Array>();
  const timer = setTimeout(
    () => reject(new Error("Cannot read the body: it did not arrive in time")),
    SMALL_BODY_WAIT_MS,
  );
  try {
    return await Promise.race([bytes, promise]);
  } finally {
    clearTimeout(timer);
  }
}
