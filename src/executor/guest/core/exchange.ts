/** One request from its arrival to the end of all work for it. */
import { bindHost } from "../bridge.ts";
import type { Signal } from "./contracts.ts";
import type { HostBody } from "./body.ts";
import { recordError } from "./report.ts";
import { dropTimers } from "./timers.ts";

const sendDone = bindHost("done");

export interface Exchange {
  readonly id: number;
  readonly infoJson: string;
  /** What infoJson says, once asked for. */
  facts: RequestFacts | null;
  readonly url: string;
  signal: Signal | null;
  aborted: boolean;
  abortReason: unknown;
  /** The response was sent to its end, or failed. */
  answered: boolean;
  /** waitUntil promises that are not settled. */
  waits: number;
  /** Reads the response body that is being sent. */
  sending: HostBody | null;
  /** Wakes the sender when the host can take more. */
  wake: (() => void) | null;
  completed: {
    promise: Promise<void>;
    resolve: () => void;
    reject: (error: unknown) => void;
  } | null;
  failure: unknown;
}

/** infoJson, as the engine sends it. */
export interface RequestFacts {
  params: Record<string, string>;
  rest: string;
  host: Record<string, string>;
  principal: { kind: string; id: string; username: string; role: string } | null;
  execution: Record<string, unknown>;
  remoteAddr: { hostname: string; port: number };
}

const open = new Map<number, Exchange>();

export function openExchange(id: number, url: string, infoJson: string): Exchange {
  const exchange: Exchange = {
    id,
    infoJson,
    facts: null,
    url,
    signal: null,
    aborted: false,
    abortReason: undefined,
    answered: false,
    waits: 0,
    sending: null,
    wake: null,
    completed: null,
    failure: undefined,
  };
  open.set(id, exchange);
  return exchange;
}

export const exchangeOf = (id: number): Exchange | undefined => open.get(id);

export const factsOf = (exchange: Exchange): RequestFacts =>
  (exchange.facts ??= JSON.parse(exchange.infoJson) as RequestFacts);

/** The answer has gone out (or failed); the exchange ends with the last waitUntil. */
export function answered(exchange: Exchange, failure?: unknown): void {
  if (exchange.answered) return;
  exchange.answered = true;
  exchange.failure = failure;
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
  if (!exchange.answered || exchange.waits > 0 || !open.delete(exchange.id)) return;
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
