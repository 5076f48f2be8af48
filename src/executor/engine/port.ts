/** What an execution reports to, and what it is started with. Plain data both ways. */
import type { ExecError, ExecutionEnd } from "../../shared/execution.ts";
import type { InvocationType } from "../../shared/outcome.ts";

/** In place of a body: it comes in chunks. No string can be taken for it. */
export const STREAMED: unique symbol = Symbol("streamed");

export interface ExecutionInput {
  executionId: string;
  rootExecutionId: string;
  triggerDepth: number;
  invocationType: InvocationType;
  method: string;
  url: string;
  /** "name\nvalue\nname\nvalue". */
  headersFlat: string;
  /** Whole, or null for none, or STREAMED: chunks are asked for by `needBody`. */
  body: Uint8Array | null | typeof STREAMED;
  /** JSON of the route's parameters: what most handlers read. */
  paramsJson: string;
  /** JSON of all else that `info` tells; given to the guest when it asks. */
  infoJson: string;
  /** Since when the client waits, by performance.now(): from then on `wall_ms` counts. By default from the start. */
  arrivedAt?: number;
}

export interface ResponseHead {
  status: number;
  headersFlat: string;
  /** STREAMED: chunks follow. */
  body: Uint8Array | string | null | typeof STREAMED;
}

/** Calls come in this order: `complete`, or `head` (chunks, bodyEnd or bodyError) and `end`; or `end` alone. */
export interface ExecutionPort {
  /**
   * Response and end of an execution that left nothing running. `isShort` where it never waited for the
   * host and hardly reached the engine's checks of its time, whatever the clock says on a busy machine.
   */
  complete(head: ResponseHead, end: ExecutionEnd, isShort: boolean): void;
  head(head: ResponseHead): void;
  chunk(bytes: Uint8Array): void;
  bodyEnd(): void;
  bodyError(error: ExecError): void;
  end(end: ExecutionEnd): void;
  /** The script reads its request's body: answer by `Execution.requestChunk` or its siblings. */
  needBody(): void;
  cancelBody(): void;
  callService(operation: string, payload: unknown): Promise<unknown>;
  /** An accepted WebSocket speaks to the client. */
  socketSend(data: string | Uint8Array): void;
  socketClose(code: number, reason: string): void;
}
