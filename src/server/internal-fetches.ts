/**
 * Requests of scripts to hosts that an app claims, answered without leaving the platform. Bodies go piece by
 * piece: each side waits until the other took what came before.
 */
import type { DataPlane } from "../orchestrator/data-plane.ts";
import { AppError } from "../shared/errors.ts";
import type { ServiceContext } from "../shared/execution.ts";

/** A request that its script neither reads nor sends to for so long is ended. */
const FORGOTTEN_MS = 5 * 60_000;

export interface InternalFetchInput {
  method: string;
  url: string;
  headers: [name: string, value: string][];
  body: Uint8Array | null;
  /** The body comes by `send`. */
  streamed: boolean;
}

interface Open {
  owner: string;
  abort: AbortController;
  response: Promise<Response>;
  sink: BodySink | null;
  reader: ReadableStreamDefaultReader<Uint8Array> | null;
  timer: Timer;
}

/** An evaluation has no execution of its own. */
const ownerOf = ({ executionId, scriptId }: ServiceContext): string => executionId || scriptId;

export class InternalFetches {
  readonly #open = new Map<number, Open>();
  #next = 1;

  /** Starts a request, and gives the number to ask for its answer by. */
  start(plane: DataPlane, context: ServiceContext, input: InternalFetchInput): number {
    const { method, url, headers, body, streamed } = input;
    const allowed = method !== "GET" && method !== "HEAD";
    const sink = streamed && allowed ? new BodySink() : null;
    const whole = body !== null && allowed ? new Uint8Array(body) : null;
    const abort = new AbortController();
    const request = new Request(url, {
      method,
      headers,
      body: sink?.stream ?? whole,
      signal: abort.signal,
    });
    const response = plane.dispatchInternal(request, {
      rootExecutionId: context.rootExecutionId,
      triggerDepth: context.triggerDepth + 1,
    });
    const id = this.#next++;
    const timer = setTimeout(() => this.#end(id), FORGOTTEN_MS);
    timer.unref();
    this.#open.set(id, { owner: ownerOf(context), abort, response, sink, reader: null, timer });
    // Nobody sends on to a request that was answered, and its rest is not waited for.
    void response.then(
      () => undefined,
      () => this.#end(id),
    );
    return id;
  }

  async head(
    context: ServiceContext,
    id: number,
  ): Promise<{ status: number; headers: [string, string][]; hasBody: boolean }> {
    const open = this.#find(context, id);
    const response = await open.response;
    open.reader = response.body?.getReader() ?? null;
    if (open.reader === null) this.#end(id);
    return {
      status: response.status,
      headers: [...response.headers],
      hasBody: open.reader !== null,
    };
  }

  /** The next piece of the answer, null at its end. */
  async read(context: ServiceContext, id: number): Promise<Uint8Array | null> {
    const { reader } = this.#find(context, id);
    if (reader === null) return null;
    try {
      const { value } = await reader.read();
      if (value === undefined) this.#end(id);
      return value ?? null;
    } catch (error) {
      this.#end(id);
      throw error;
    }
  }

  /** Resolves when the piece was taken; null ends the body. */
  async send(context: ServiceContext, id: number, piece: Uint8Array | null): Promise<void> {
    await this.#find(context, id).sink?.write(piece);
  }

  /** The script gave the request up, or its body failed. */
  close(context: ServiceContext, id: number): void {
    if (this.#open.get(id)?.owner === ownerOf(context)) this.#end(id);
  }

  /** What an execution left open ends with it. */
  executionEnded(executionId: string): void {
    for (const [id, { owner }] of this.#open) if (owner === executionId) this.#end(id);
  }

  #find(context: ServiceContext, id: number): Open {
    const open = this.#open.get(id);
    if (open?.owner !== ownerOf(context))
      throw new AppError(404, "unknown_request", "The request has ended");
    open.timer.refresh();
    return open;
  }

  #end(id: number): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    clearTimeout(open.timer);
    open.abort.abort();
    open.sink?.fail();
    const cancelled =
      open.reader === null
        ? open.response.then((response) => response.body?.cancel())
        : open.reader.cancel();
    cancelled.catch(() => undefined);
  }
}

/** A body that is written to one piece at a time. */
class BodySink {
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #wanted = Promise.withResolvers<void>();
  #ended = false;
  readonly stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#wanted.resolve(),
      cancel: () => {
        this.#ended = true;
        this.#wanted.resolve();
      },
    },
    { highWaterMark: 0 },
  );

  async write(piece: Uint8Array | null): Promise<void> {
    await this.#wanted.promise;
    if (this.#ended) return;
    if (piece === null) {
      this.#ended = true;
      this.#controller?.close();
      return;
    }
    this.#wanted = Promise.withResolvers<void>();
    this.#controller?.enqueue(piece);
  }

  fail(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#controller?.error(new Error("The request's body was not sent to its end"));
    this.#wanted.resolve();
  }
}
