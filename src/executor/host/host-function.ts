/** What a host operation is: a function the guest can call by name. One table per area in this folder. */
import type { ExecutableScript } from "../../shared/execution.ts";

export type HostValue = undefined | null | boolean | number | string | Uint8Array;

/**
 * What the engine tells each operation about its caller. One per running sandbox (fresh: one
 * execution; reuse: many, told apart by `requestId`).
 */
export interface HostContext {
  /** The guest's number for the request; 0 while the module is evaluated. */
  requestId: number;
  /** True while an image is made: nothing per-request may be given out. */
  evaluating: boolean;
  /** The script that runs here: env, files, limits, ids. */
  script: ExecutableScript;
  /** State that an area keeps for this sandbox; dropped with it. `onDispose` releases resources. */
  state: Map<string, unknown>;
  onDispose(release: () => void): void;
  /** Raises an event in the guest, in a turn of its own for the request that is current now. */
  emit(kind: string, ...args: HostValue[]): void;
  /**
   * Raises an event at once, from inside a synchronous operation: for host code that calls back. No jobs
   * run. What it throws ends the sandbox and has to be passed on.
   */
  callGuest(kind: string, ...args: HostValue[]): void;
  /**
   * To be called by a synchronous operation for each argument whose bytes it has changed. What is not
   * noted here is not put back before the next request, which would then see it.
   */
  wrote(view: Uint8Array): void;
  /** A shared sandbox takes no further request: what it holds on the host has become too much. */
  retire(): void;
  /** True when the script has used up its time: the operation has to end, and the sandbox with it. */
  interrupted(): boolean;
  /** Asks the platform (HostServices) for the current request or the one that is named; rejects with what the service threw. */
  callService(operation: string, payload: unknown, requestId?: number): Promise<unknown>;
}

/**
 * Uint8Array arguments of a synchronous operation are views into the sandbox's memory, valid until it
 * returns, and to be reported by `context.wrote` when they are written to; those of an asynchronous one are copies. A returned Uint8Array is copied in.
 */
export type HostFunction = (
  context: HostContext,
  ...args: HostValue[]
) => HostValue | Promise<HostValue>;

/** Operation name (`area.verb`) to function. An operation that returns a promise is called by bindHostAsync only. */
export type HostOperations = Record<string, HostFunction>;

/** Thrown by a host function to become a guest error of that class (`TypeError`, `RangeError`, or a DOMException name). */
export class HostError extends Error {
  readonly guestName: string;
  /** A Node-style or Deno code, or "". */
  readonly code: string;
  constructor(guestName: string, message: string, code = "") {
    super(message);
    this.name = "HostError";
    this.guestName = guestName;
    this.code = code;
  }
}
