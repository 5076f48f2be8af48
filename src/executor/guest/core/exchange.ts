/** One request from its arrival to the end of all work for it. */
import { bindHost } from "../bridge.ts";
import { usePart } from "../registry.ts";
import type { Body, ChunkReader } from "./body.ts";
import type { EventsPart, Signal } from "./contracts.ts";
import type { Headers } from "./headers.ts";
import { recordError } from "./report.ts";
import { DEFAULT_OPTIONS, type RequestOptions, type RequestState } from "./request-state.ts";
import { dropTimers } from "./timers.ts";

const sendDone = bindHost("done");
const requestInfo = bindHost("request.info");

/**
 * Also the state of its Request: one object less for each. Members that most exchanges leave as they are
 * stand on the prototype.
 */
export class Exchange implements RequestState {
  readonly id: number;
  readonly paramsJson: string;
  method: string;
  url: string;
  flat: string;
  body: Body | null;
  declare list: string[] | null;
  declare headers: Headers | null;
  declare signal: Signal | null;
  declare options: Readonly<RequestOptions>;
  declare params: Record<string, string> | null;
  /** What the host tells besides, once asked for. */
  declare facts: RequestFacts | null;
  declare aborted: boolean;
  declare abortReason: unknown;
  /** The response was sent to its end, or failed. */
  declare answered: boolean;
  /** waitUntil promises that are not settled. */
  declare waits: number;
  /** Reads the response body that is being sent. */
  declare sending: ChunkReader | null;
  /** Wakes the sender when the host can take more. */
  declare wake: (() => void) | null;
  declare completed: PromiseWithResolvers<void> | null;
  /** Ends the WebSocket that the request was upgraded to, should another answer go out. */
  declare dropSocket: (() => void) | null;
  /** The query as an object and the address, once asked for. */
  declare query: Record<string, string> | null;
  declare remoteAddr: object | null;

  constructor(
    id: number,
    method: string,
    url: string,
    flat: string,
    body: Body | null,
    paramsJson: string,
  ) {
    this.id = id;
    this.method = method;
    this.url = url;
    this.flat = flat;
    this.body = body;
    this.paramsJson = paramsJson;
  }

  makeSignal(): Signal {
    const events = usePart<EventsPart>("events");
    const signal = events.newSignal();
    if (this.aborted) events.abortSignal(signal, this.abortReason);
    return signal;
  }
}
Object.assign(Exchange.prototype, {
  list: null,
  headers: null,
  signal: null,
  options: DEFAULT_OPTIONS,
  params: null,
  facts: null,
  aborted: false,
  abortReason: undefined,
  answered: false,
  waits: 0,
  sending: null,
  wake: null,
  completed: null,
  dropSocket: null,
  query: null,
  remoteAddr: null,
});

/** As the engine's "request.info" gives it. */
export interface RequestFacts {
  rest: string;
  host: Record<string, string>;
  principal: { kind: string; id: string; username: string; role: string } | null;
  execution: Record<string, unknown>;
  remoteAddr: { hostname: string; port: number };
}

/** Nearly always there is one request at a time. */
let only: Exchange | null = null;
const others = new Map<number, Exchange>();

export function openExchange(exchange: Exchange): void {
  if (only === null) only = exchange;
  else others.set(exchange.id, exchange);
}

export const exchangeOf = (id: number): Exchange | undefined =>
  only?.id === id ? only : others.get(id);

/** False when it was closed before. */
function closeExchange(exchange: Exchange): boolean {
  if (only !== exchange) return others.delete(exchange.id);
  only = null;
  return true;
}

export const paramsOf = (exchange: Exchange): Record<string, string> =>
  (exchange.params ??= JSON.parse(exchange.paramsJson) as Record<string, string>);

export const factsOf = (exchange: Exchange): RequestFacts =>
  (exchange.facts ??= JSON.parse(requestInfo(exchange.id) as string) as RequestFacts);

/** True when nothing is left to do once the answer has gone out. */
export const endsWithAnswer = (exchange: Exchange): boolean =>
  exchange.waits === 0 && exchange.completed === null;

/** Ends an exchange whose last message has told the host so. */
export function endAtOnce(exchange: Exchange): void {
  exchange.answered = true;
  closeExchange(exchange);
  dropTimers(exchange.id);
}

/** The answer has gone out (or failed); the exchange ends with the last waitUntil. */
export function answered(exchange: Exchange, failure?: unknown): void {
  if (exchange.answered) return;
  exchange.answered = true;
  const { completed } = exchange;
  if (completed === null) {
    endWhenIdle(exchange);
    return;
  }
  if (failure === undefined) completed.resolve();
  else completed.reject(failure);
  // What waits for `completed` runs before the request's end.
  const after = (): void => endWhenIdle(exchange);
  completed.promise.then(after, after);
}

function endWhenIdle(exchange: Exchange): void {
  if (!exchange.answered || exchange.waits > 0 || !closeExchange(exchange)) return;
  dropTimers(exchange.id);
  sendDone(exchange.id);
}

/** Keeps the execution alive until the promise settles; its rejection is recorded. */
export function waitUntil(exchange: Exchange, work: unknown): void {
  exchange.waits += 1;
  const settled = (): void => {
    exchange.waits -= 1;
    endWhenIdle(exchange);
  };
  Promise.resolve(work).then(settled, (error: unknown) => {
    recordError("waitUntil: ", error);
    settled();
  });
}
