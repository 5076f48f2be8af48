/** From the host's "request" event to the script's handler, and from its result back to the host. */
import { bindHost, bindHostAsync, kernel, onHostEvent } from "../bridge.ts";
import { usePart } from "../registry.ts";
import { type Body, bodyOf, type ChunkReader, hostBody, isUnusable, openBody } from "./body.ts";
import type { EventsPart } from "./contracts.ts";
import {
  answered,
  endAtOnce,
  endsWithAnswer,
  Exchange,
  exchangeOf,
  openExchange,
} from "./exchange.ts";
import { Info } from "./info.ts";
import { makeRequest, type Request } from "./request.ts";
import { responseState, type ResponseState, responseStateOrNull } from "./response.ts";
import { InvalidResponse, toResponse } from "./result.ts";
import { currentEntry, type Entry, noHandler } from "./serve.ts";
import { thawTimers } from "./timers.ts";

const { call } = kernel;
const RESPOND = kernel.op("respond");
const sendChunk = bindHost("body.chunk");
const sendEnd = bindHost("body.end");
const sendBodyError = bindHost("body.error");
const sendFailure = bindHost("fail");
const readRequest = bindHostAsync("request.read");
const cancelRequest = bindHost("request.cancel");

type OnError = Entry["onError"];

const stringify = JSON.stringify;
const then = Promise.prototype.then;
const { apply } = Reflect;

const BODY = { none: 0, whole: 1, stream: 2 } as const;

function incomingBody(id: number, kind: number, body: string | Uint8Array): Body {
  if (kind === BODY.whole) return bodyOf(body, true);
  return hostBody({
    read: () => readRequest(id) as Promise<Uint8Array | null>,
    cancel: () => void cancelRequest(id),
  });
}

function onRequest(
  id: number,
  method: string,
  url: string,
  flat: string,
  bodyKind: number,
  body: string | Uint8Array,
  paramsJson: string,
): void {
  thawTimers(id);
  const content = bodyKind === BODY.none ? null : incomingBody(id, bodyKind, body);
  const exchange = new Exchange(id, method, url, flat, content, paramsJson);
  openExchange(exchange);
  run(exchange, makeRequest(exchange));
}

function run(exchange: Exchange, request: Request): void {
  const entry = currentEntry();
  let result: unknown;
  try {
    if (entry === null) throw noHandler();
    result = entry.handle(request, new Info(exchange));
  } catch (error) {
    threw(exchange, error, onErrorOfEntry());
    return;
  }
  const state = responseStateOrNull(result);
  if (state !== null) send(exchange, state, entry.onError);
  else if (isThenable(result)) settle(result, exchange);
  else deliver(exchange, result, entry.onError);
}

const isThenable = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { then?: unknown }).then === "function";

function settle(result: unknown, exchange: Exchange): void {
  void apply(then, Promise.resolve(result), [
    (value: unknown) => deliver(exchange, value, onErrorOfEntry()),
    (error: unknown) => threw(exchange, error, onErrorOfEntry()),
  ]);
}

const onErrorOfEntry = (): OnError => currentEntry()?.onError ?? null;

/** With an `onError` it makes the response; what fails in there, nobody answers for. */
function threw(exchange: Exchange, error: unknown, onError: OnError): void {
  if (onError === null) {
    fail(exchange, error);
    return;
  }
  try {
    const result = onError(error);
    if (!isThenable(result)) {
      deliver(exchange, result, null);
      return;
    }
    void apply(then, Promise.resolve(result), [
      (value: unknown) => deliver(exchange, value, null),
      (second: unknown) => fail(exchange, second),
    ]);
  } catch (second) {
    fail(exchange, second);
  }
}

function deliver(exchange: Exchange, result: unknown, onError: OnError): void {
  let state: ResponseState;
  try {
    state = responseStateOrNull(result) ?? responseState(toResponse(result));
  } catch (error) {
    threw(exchange, result === undefined && onError !== null ? noResponse() : error, onError);
    return;
  }
  send(exchange, state, onError);
}

/** What Deno hands to `onError`: word for word, as programs compare it. */
const noResponse = (): TypeError =>
  new TypeError(
    "Return value from serve handler must be a response or a promise resolving to a response",
  );

function send(exchange: Exchange, state: ResponseState, onError: OnError): void {
  try {
    respond(exchange, state);
  } catch (error) {
    threw(exchange, error, onError);
  }
}

/** Reports that there is no response to give. */
function fail(exchange: Exchange, error: unknown): void {
  const kind = error instanceof InvalidResponse ? "invalid_response" : "threw";
  sendFailure(exchange.id, stringify({ kind, ...kernel.describe(error) }));
  exchange.dropSocket?.();
  answered(exchange, error);
}

function respond(exchange: Exchange, state: ResponseState): void {
  if (state.type === "error")
    throw new InvalidResponse("Handler returned Response.error(), which cannot be sent");
  const { id } = exchange;
  const { body, status, list } = state;
  if (exchange.dropSocket !== null && status !== 101) exchange.dropSocket();
  const flat = list === null ? state.flat : list.join("\n");
  if (body !== null && (body.source === null || body.stream !== null)) {
    if (isUnusable(body)) throw used();
    const reader = openBody(body);
    call(RESPOND, id, status, flat, BODY.stream, null, false);
    exchange.sending = reader;
    void pump(exchange, reader);
    return;
  }
  if (body !== null) {
    if (body.used) throw used();
    body.used = true;
  }
  const last = endsWithAnswer(exchange);
  if (body === null) call(RESPOND, id, status, flat, BODY.none, null, last);
  else call(RESPOND, id, status, flat, BODY.whole, body.source, last);
  if (last) endAtOnce(exchange);
  else answered(exchange);
}

const used = (): InvalidResponse =>
  new InvalidResponse("Handler returned a Response whose body was read already");

/** Sends a streamed body; waits whenever the host has enough. Never rejects. */
async function pump(exchange: Exchange, reader: ChunkReader): Promise<void> {
  const { id } = exchange;
  try {
    for (;;) {
      const { bytes } = await reader.read();
      if (exchange.aborted) break;
      if (bytes === null) {
        sendEnd(id);
        break;
      }
      if (bytes.length === 0 || sendChunk(id, bytes) !== false) continue;
      await new Promise<void>((resolve) => {
        exchange.wake = resolve;
      });
      exchange.wake = null;
      if (exchange.aborted) break;
    }
    exchange.sending = null;
    answered(exchange, exchange.aborted ? exchange.abortReason : undefined);
  } catch (error) {
    exchange.sending = null;
    sendBodyError(id, stringify(kernel.describe(error)));
    answered(exchange, error);
  }
}

function onAbort(id: number, reason: string): void {
  const exchange = exchangeOf(id);
  if (exchange === undefined || exchange.aborted) return;
  kernel.currentRequest = id;
  const events = usePart<EventsPart>("events");
  exchange.aborted = true;
  exchange.abortReason = events.domError(
    "AbortError",
    reason === "" ? "The client has gone" : reason,
  );
  if (exchange.signal !== null) events.abortSignal(exchange.signal, exchange.abortReason);
  exchange.sending?.cancel(exchange.abortReason);
  exchange.wake?.();
}

export function installDispatch(): void {
  onHostEvent("request", onRequest);
  onHostEvent("abort", onAbort);
  onHostEvent("pull", (id: number) => exchangeOf(id)?.wake?.());
}
