/** The control plane speaks the Fetch standard's Request and Response; the listener does not. */
import type { HeaderList } from "../../shared/execution.ts";
import type { Answer, ClientRequest } from "../../shared/http.ts";

/** Undefined where host and target make no URL. */
export function asRequest(request: ClientRequest): Request | undefined {
  const { target, headers, method, signal } = request;
  const url = URL.parse(
    `http://${headers.get("host") ?? ""}${target?.path ?? ""}${target?.query ?? ""}`,
  );
  if (url === null || target === undefined) return undefined;
  const isReading = method === "GET" || method === "HEAD";
  // Hono answers HEAD by GET without the body, and so without its length.
  return new Request(url.href, {
    method: method === "HEAD" ? "GET" : method,
    headers: [...headers],
    body: isReading ? null : request.body,
    signal,
  });
}

/** A body that is there by now gets a length; one that comes bit by bit is passed on as it comes. */
export async function asAnswer(response: Response): Promise<Answer> {
  const { status, body } = response;
  const headers: HeaderList = [...response.headers].filter(([name]) => name !== "content-length");
  if (body === null) return { status, headers, body: "" };
  const reader = body.getReader();
  const begun = await read(reader);
  return {
    status,
    headers,
    body: begun.isWhole ? Buffer.concat(begun.parts) : rest(reader, begun),
  };
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** What a body had to give at once. */
interface Begun {
  parts: Uint8Array[];
  isWhole: boolean;
  /** It was asked for when the body gave no more. */
  next: ReturnType<Reader["read"]>;
}

/** Bodies up to this are sent with a length. */
const WHOLE_BYTES_MAX = 4 * 1024 * 1024;

async function read(reader: Reader): Promise<Begun> {
  const parts: Uint8Array[] = [];
  for (let bytes = 0; ;) {
    const next = reader.read();
    const now = await Promise.race([next, turn()]);
    const isWhole = now !== undefined && now.done;
    if (now === undefined || now.done) return { parts, isWhole, next };
    parts.push(now.value);
    bytes += now.value.length;
    if (bytes > WHOLE_BYTES_MAX) return { parts, isWhole: false, next: reader.read() };
  }
}

const turn = (): Promise<undefined> => new Promise((resolve) => setImmediate(resolve, undefined));

function rest(reader: Reader, { parts, next }: Begun): ReadableStream<Uint8Array> {
  let reading: Begun["next"] | null = next;
  return new ReadableStream<Uint8Array>({
    start: (controller) => parts.forEach((part) => controller.enqueue(part)),
    async pull(controller) {
      const { done, value } = await (reading ?? reader.read());
      reading = null;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
