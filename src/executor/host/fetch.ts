/** Outgoing requests of scripts. */
import { parseDataUrl } from "./egress/data-url.ts";
import type { BodySource } from "./egress/http1/body.ts";
import { valuesOf } from "./egress/http1/head.ts";
import { ConnectionPool } from "./egress/http1/pool.ts";
import { runFetch, type FetchRequest, type FetchResponse } from "./egress/outgoing.ts";
import { defaultPorts, type EgressPorts } from "./egress/ports.ts";
import {
  type HostContext,
  HostError,
  type HostOperations,
  type HostValue,
} from "./host-function.ts";

const MB = 1024 * 1024;

/** A body that the script sends piece by piece; each piece waits until it was taken. */
class BodyPipe {
  #pieces: (Uint8Array | null)[] = [];
  #taken: (() => void)[] = [];
  #wanted: (() => void) | undefined;
  #failed = false;

  push(piece: Uint8Array | null): Promise<undefined> {
    this.#pieces.push(piece);
    this.#wanted?.();
    return new Promise((resolve) => {
      this.#taken.push(() => resolve(undefined));
    });
  }
  fail(): void {
    this.#failed = true;
    this.#wanted?.();
  }
  /** Nobody will read on: pieces that come are thrown away. */
  release(): void {
    for (const taken of this.#taken.splice(0)) taken();
  }
  readonly read: BodySource = async () => {
    while (this.#pieces.length === 0) {
      if (this.#failed) throw new HostError("TypeError", "The stream of the request body failed");
      await new Promise<void>((resolve) => {
        this.#wanted = resolve;
      });
    }
    this.#taken.shift()?.();
    return this.#pieces.shift() ?? null;
  };
}

interface OpenFetch {
  abort: AbortController;
  pipe: BodyPipe | null;
  response: Promise<FetchResponse>;
}

interface Fetches {
  next: number;
  open: Map<number, OpenFetch>;
  pool: ConnectionPool;
  counts: Map<number, number>;
}

export function fetchesOf(context: HostContext): Fetches {
  const known = context.state.get("fetch") as Fetches | undefined;
  if (known !== undefined) return known;
  const fetches: Fetches = {
    next: 1,
    open: new Map(),
    pool: new ConnectionPool(),
    counts: new Map(),
  };
  context.state.set("fetch", fetches);
  context.onDispose(() => {
    for (const each of fetches.open.values()) each.abort.abort();
    fetches.open.clear();
    fetches.pool.close();
  });
  return fetches;
}

/** Counts one outgoing connection of the current request. */
export function countSubrequest(context: HostContext, requestId = context.requestId): void {
  const { counts } = fetchesOf(context);
  const count = (counts.get(requestId) ?? 0) + 1;
  const limit = context.script.limits.subrequests;
  if (count > limit) {
    throw new HostError(
      "TypeError",
      `Too many subrequests: the limit is ${limit} (limits.subrequests)`,
    );
  }
  counts.set(requestId, count);
}

/** Statuses whose responses have no body, whatever the server sends. */
const NULL_BODY = new Set([204, 205, 304]);

interface OpenMessage extends Omit<FetchRequest, "body"> {
  streamed: boolean;
}

function dataResponse(url: string, method: string): FetchResponse {
  const parsed = parseDataUrl(url);
  if (parsed === undefined) throw new HostError("TypeError", "The data: URL is not valid");
  let rest: Uint8Array | null = parsed.body;
  const body: BodySource = async () => {
    const chunk = rest;
    rest = null;
    return chunk;
  };
  return {
    status: 200,
    statusText: "OK",
    headers: ["content-type", parsed.type],
    url,
    redirected: false,
    body: method === "HEAD" ? null : body,
    close: () => undefined,
  };
}

function wholeBody(body: HostValue): Uint8Array | null {
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? body.slice() : null;
}

function open(context: HostContext, ports: EgressPorts, json: string, whole: HostValue): number {
  const fetches = fetchesOf(context);
  const { requestId } = context;
  const { limits } = context.script;
  const { streamed, ...request } = JSON.parse(json) as OpenMessage;
  const abort = new AbortController();
  const pipe = streamed ? new BodyPipe() : null;
  const body = pipe === null ? wholeBody(whole) : pipe.read;
  const start = async (): Promise<FetchResponse> => {
    if (request.url.startsWith("data:")) return dataResponse(request.url, request.method);
    return runFetch(
      {
        context,
        ports,
        pool: fetches.pool,
        signal: abort.signal,
        count: () => countSubrequest(context, requestId),
        maxRequestBytes: limits.request_mb * MB,
        maxResponseBytes: limits.response_mb * MB,
        idleMs: limits.stream_idle_ms,
      },
      { ...request, body },
    );
  };
  const response = start();
  response.then(
    () => undefined,
    () => pipe?.release(),
  );
  const id = fetches.next++;
  fetches.open.set(id, { abort, pipe, response });
  return id;
}

function find(context: HostContext, id: HostValue): OpenFetch {
  const found = fetchesOf(context).open.get(id as number);
  if (found === undefined) throw new HostError("AbortError", "The request was aborted", "dom");
  return found;
}

function close(context: HostContext, id: HostValue): void {
  const { open: all } = fetchesOf(context);
  const found = all.get(id as number);
  if (found === undefined) return;
  all.delete(id as number);
  found.abort.abort();
  found.pipe?.release();
  found.response.then(
    (response) => response.close(),
    () => undefined,
  );
}

/** What the sandbox may see of an error of the network. */
function shown(error: unknown): unknown {
  if (error instanceof HostError) return error;
  return new HostError(
    "TypeError",
    `The connection failed: ${error instanceof Error ? error.message : "unknown reason"}`,
  );
}

export function createFetchOperations(ports: EgressPorts): HostOperations {
  return {
    /** (json, body) -> id. The request starts at once. */
    "fetch.open": (context, json, body) => open(context, ports, json as string, body),
    /** (id) -> JSON of the head. */
    "fetch.response": async (context, id) => {
      try {
        const { body, close: _close, ...head } = await find(context, id).response;
        const empty = valuesOf(head.headers, "content-length")[0] === "0";
        return JSON.stringify({
          ...head,
          body: body === null || NULL_BODY.has(head.status) ? "none" : empty ? "empty" : "stream",
        });
      } catch (error) {
        close(context, id);
        throw shown(error);
      }
    },
    /** (id) -> next piece of the body, null at its end. */
    "fetch.read": async (context, id) => {
      try {
        const { body } = await find(context, id).response;
        const chunk = body === null ? null : await body();
        if (chunk === null) fetchesOf(context).open.delete(id as number);
        return chunk;
      } catch (error) {
        close(context, id);
        throw shown(error);
      }
    },
    /** (id, piece or null) once the piece was taken. */
    "fetch.send": (context, id, piece) => {
      const pipe = fetchesOf(context).open.get(id as number)?.pipe;
      if (pipe === null || pipe === undefined) return Promise.resolve(undefined);
      return pipe.push(piece instanceof Uint8Array ? piece.slice() : null);
    },
    /** (id): the stream of the request body failed. */
    "fetch.fail": (context, id) => {
      fetchesOf(context)
        .open.get(id as number)
        ?.pipe?.fail();
      return undefined;
    },
    "fetch.close": (context, id) => {
      close(context, id);
      return undefined;
    },
  };
}

export const fetchOperations = createFetchOperations(defaultPorts);
