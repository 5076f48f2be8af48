import { bindHost, bindHostAsync } from "../bridge.ts";
import type { Body, ChunkReader } from "../core/body.ts";
import type { Core } from "../core/part.ts";
import type { RequestState } from "../core/request-state.ts";
import type { Events } from "../events/part.ts";
import { definePart, usePart } from "../registry.ts";

const openFetch = bindHost("fetch.open") as (json: string, body: unknown) => number;
const responseHead = bindHostAsync("fetch.response") as (id: number) => Promise<string>;
const read = bindHostAsync("fetch.read") as (id: number) => Promise<Uint8Array | null>;
const send = bindHostAsync("fetch.send") as (
  id: number,
  piece: Uint8Array | null,
) => Promise<unknown>;
const failBody = bindHost("fetch.fail") as (id: number) => void;
const close = bindHost("fetch.close") as (id: number) => void;

type Signal = InstanceType<Events["AbortSignal"]>;

interface Head {
  status: number;
  statusText: string;
  headers: string[];
  url: string;
  redirected: boolean;
  /** An empty body has ended already, so that nothing can make it fail. */
  body: "none" | "empty" | "stream";
}

const { parse, stringify } = JSON;
type Failed = (error: unknown) => void;
const core = (): Core => usePart<Core>("core");

/** Sends a streamed body; each piece waits until the host took the one before. */
async function pump(id: number, reader: ChunkReader, onFailure: Failed): Promise<void> {
  try {
    for (;;) {
      const { bytes } = await reader.read();
      await send(id, bytes);
      if (bytes === null) return;
    }
  } catch (error) {
    onFailure(error);
    failBody(id);
  }
}

function openBody(body: Body | null): {
  whole: string | Uint8Array | null;
  reader: ChunkReader | null;
} {
  if (body === null) return { whole: null, reader: null };
  if (body.stream === null && body.source !== null && !body.used) {
    body.used = true;
    return { whole: body.source, reader: null };
  }
  return { whole: null, reader: core().body.openBody(body) };
}

/** Ties a fetch to its signal; `done` lets go of it. */
class Abortable {
  readonly #signal: Signal | null;
  readonly #id: number;
  readonly #forget: () => unknown;
  #aborted = false;
  constructor(id: number, signal: Signal | null, onAbort: (reason: unknown) => void) {
    this.#id = id;
    this.#signal = signal;
    this.#forget =
      signal === null
        ? () => undefined
        : usePart<Events>("events").onAbort(signal, () => {
            this.#aborted = true;
            close(this.#id);
            onAbort(signal.reason);
          });
  }
  /** The signal's reason where it has fired, else the error itself. */
  reason(error: unknown): unknown {
    return this.#signal?.aborted === true ? this.#signal.reason : error;
  }
  check(): void {
    if (this.#aborted) throw this.#signal?.reason;
  }
  done(): void {
    this.#forget();
  }
}

function responseBody(id: number, abortable: Abortable): Body {
  return core().body.hostBody({
    async read() {
      try {
        const piece = await read(id);
        if (piece === null) abortable.done();
        return piece;
      } catch (error) {
        abortable.done();
        throw abortable.reason(error);
      }
    },
    check: () => abortable.check(),
    cancel() {
      abortable.done();
      close(id);
    },
  });
}

function bodyOfHead(head: Head, id: number, abortable: Abortable): Body | null {
  if (head.body === "stream") return responseBody(id, abortable);
  close(id);
  return head.body === "none" ? null : core().body.bodyOf(new Uint8Array(0), true);
}

function start(request: object, signal: Signal | null): Promise<object> {
  const state = core().request.requestState(request as never);
  const { whole, reader } = openBody(state.body);
  const { method, url, options } = state;
  const message = stringify({
    method,
    url,
    headers: core().request.requestList(state),
    redirect: options.redirect,
    streamed: reader !== null,
  });
  const id = openFetch(message, whole);
  let bodyFailure: { error: unknown } | null = null;
  const onFailure: Failed = (error) => (bodyFailure ??= { error });
  if (reader !== null) void pump(id, reader, onFailure);
  return new Promise((resolve, reject) => {
    const abortable = new Abortable(id, signal, (reason) => {
      reader?.cancel(reason);
      reject(reason);
    });
    responseHead(id).then(
      (json) => {
        const head = parse(json) as Head;
        if (head.body !== "stream") abortable.done();
        resolve(
          core().response.makeResponse({
            type: "basic",
            status: head.status,
            statusText: head.statusText,
            list: head.headers,
            guard: "immutable",
            body: bodyOfHead(head, id, abortable),
            url: head.url,
            redirected: head.redirected,
          }),
        );
      },
      (error: unknown) => {
        abortable.done();
        if (bodyFailure !== null && Error.isError(error)) error.cause = bodyFailure.error;
        reader?.cancel(error);
        reject(abortable.reason(error));
      },
    );
  });
}

function fetchBlob({ url, method, blob }: RequestState): object {
  if (blob === undefined || method !== "GET") throw new TypeError("The blob: URL names no blob");
  const headers = { "content-length": String(blob.size), "content-type": blob.type };
  const { Response, responseState } = core().response;
  const response = new Response(blob, { headers });
  Object.assign(responseState(response), { url, type: "basic", guard: "immutable" });
  return response;
}

const holder = {
  fetch(input: unknown, init: unknown = undefined): Promise<object> {
    return new Promise((resolve) => {
      if (arguments.length === 0) throw new TypeError("fetch needs 1 argument, but got 0");
      const { Request, requestState } = core().request;
      const request = new Request(input, init);
      const state = requestState(request);
      const { signal, url, body } = state;
      if (signal?.aborted === true) {
        if (body?.stream != null)
          usePart<{ abandon(stream: object, reason: unknown): void }>("streams").abandon(
            body.stream,
            signal.reason,
          );
        throw signal.reason;
      }
      resolve(url.startsWith("blob:") ? fetchBlob(state) : start(request, signal as never));
    });
  },
};
export const { fetch } = holder;
Object.defineProperty(fetch, "length", { value: 1, configurable: true });

export const fetchPart = { fetch };
export type FetchPart = typeof fetchPart;
definePart("fetch", fetchPart);
